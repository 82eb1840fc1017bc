import { Expressions } from './expressions.js'
import { GraphError } from './graph-error.js'
import { type Activation, activations } from './matrices.js'
import { operations } from './operations.js'
import { type Attributes, type Dtype, type Shape, sameShape, showShape, sizeOf, type Tensor } from './tensor.js'

const leaves: ReadonlySet<string> = new Set(['input', 'variable', 'constant'])

/**
 * A static graph: what is computed, put together once. Nodes that do the same to the same are one. Nothing is random in it: indices and noise
 * are inputs.
 */
export class Graph extends Expressions {
  readonly #nodes: Tensor[] = []
  readonly #known = new Map<string, Tensor>()
  readonly #leaves = new Map<string, Tensor>()

  /** In an order in which they can be computed. */
  get nodes(): readonly Tensor[] {
    return this.#nodes
  }

  /** What is given at each run. */
  input(name: string, shape: Shape, dtype: Dtype = 'f32'): Tensor {
    return this.#leaf('input', name, shape, dtype)
  }

  /** What stays from run to run: a parameter, the copy of one, a moment. Named alike, it is the same in every graph of an engine. */
  variable(name: string, shape: Shape): Tensor {
    return this.#leaf('variable', name, shape, 'f32')
  }

  override constant(values: readonly number[], shape: Shape, dtype: Dtype = 'f32'): Tensor {
    if (values.length !== sizeOf(shape))
      throw new GraphError(`constant: ${values.length} numbers for ${showShape(shape)}`)
    return this.#node('constant', [], {}, { shape, dtype }, null, values)
  }

  /** @throws GraphError where the inputs don't fit, or are another graph's */
  override apply(operation: string, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
    const row = operations.get(operation)
    if (row === undefined) throw new GraphError(`there is no operation "${operation}"`)
    for (const one of inputs) {
      if (this.#nodes[one.id] !== one) throw new GraphError(`${operation}: an input belongs to another graph`)
    }
    return this.#node(operation, inputs, attributes, row.infer(inputs, attributes), null, null)
  }

  /** activation(x W + b): x [..., I], W [I, O], b [O]. */
  dense(x: Tensor, weight: Tensor, bias: Tensor, activation: Activation = 'none'): Tensor {
    if (!activations.includes(activation)) throw new GraphError(`dense: there is no activation "${activation}"`)
    const before = x.shape.slice(0, -1)
    const rows = this.reshape(x, [sizeOf(before), x.shape.at(-1) ?? 1])
    const out = this.apply('dense', [rows, weight, bias], { activation })
    return this.reshape(out, [...before, out.shape[1]!])
  }

  #leaf(operation: 'input' | 'variable', name: string, shape: Shape, dtype: Dtype): Tensor {
    const known = this.#leaves.get(name)
    if (known === undefined) {
      const made = this.#node(operation, [], {}, { shape, dtype }, name, null)
      this.#leaves.set(name, made)
      return made
    }
    if (known.operation === operation && known.dtype === dtype && sameShape(known.shape, shape)) return known
    throw new GraphError(
      `${operation} "${name}" is ${known.operation} ${known.dtype} ${showShape(known.shape)} already, got ${dtype} ${showShape(shape)}`,
    )
  }

  #node(
    operation: string,
    inputs: readonly Tensor[],
    attributes: Attributes,
    { shape, dtype }: { shape: Shape; dtype: Dtype },
    name: string | null,
    values: readonly number[] | null,
  ): Tensor {
    const bad = shape.find((length) => !Number.isInteger(length) || length < 1)
    if (bad !== undefined) throw new GraphError(`${operation}: expected lengths from 1 on, got ${showShape(shape)}`)
    // -0 and 0 are different constants; JSON would make them one.
    const numbers = values?.map((value) => (Object.is(value, -0) ? '-0' : String(value)))
    const key = JSON.stringify([operation, inputs.map(({ id }) => id), attributes, shape, dtype, name, numbers])
    const known = this.#known.get(key)
    if (known !== undefined && (leaves.has(operation) || inputs.length > 0)) return known
    const node: Tensor = { id: this.#nodes.length, operation, inputs, attributes, shape, dtype, name, values }
    this.#nodes.push(node)
    this.#known.set(key, node)
    return node
  }
}
