import { repeatedAxes } from './broadcast.js'
import { GraphError } from './graph-error.js'
import { type Activation, activations } from './matrices.js'
import { operations } from './operations.js'
import { type Attributes, type Dtype, type Shape, sameShape, showShape, sizeOf, type Tensor } from './tensor.js'

const leaves: ReadonlySet<string> = new Set(['input', 'variable', 'constant'])

/**
 * A static graph: what is computed, put together once. Nodes that do the same to the same are one. Nothing is random in it: indices and noise
 * are inputs.
 */
export class Graph {
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

  constant(values: readonly number[], shape: Shape, dtype: Dtype = 'f32'): Tensor {
    if (values.length !== sizeOf(shape))
      throw new GraphError(`constant: ${values.length} numbers for ${showShape(shape)}`)
    return this.#node('constant', [], {}, { shape, dtype }, null, values)
  }

  scalar(value: number): Tensor {
    return this.constant([value], [])
  }

  /** @throws GraphError where the inputs don't fit, or are another graph's */
  apply(operation: string, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
    const row = operations.get(operation)
    if (row === undefined) throw new GraphError(`there is no operation "${operation}"`)
    for (const one of inputs) {
      if (this.#nodes[one.id] !== one) throw new GraphError(`${operation}: an input belongs to another graph`)
    }
    return this.#node(operation, inputs, attributes, row.infer(inputs, attributes), null, null)
  }

  neg = (x: Tensor): Tensor => this.apply('neg', [x])
  exp = (x: Tensor): Tensor => this.apply('exp', [x])
  log = (x: Tensor): Tensor => this.apply('log', [x])
  sqrt = (x: Tensor): Tensor => this.apply('sqrt', [x])
  square = (x: Tensor): Tensor => this.apply('square', [x])
  abs = (x: Tensor): Tensor => this.apply('abs', [x])
  sign = (x: Tensor): Tensor => this.apply('sign', [x])
  relu = (x: Tensor): Tensor => this.apply('relu', [x])
  tanh = (x: Tensor): Tensor => this.apply('tanh', [x])
  sigmoid = (x: Tensor): Tensor => this.apply('sigmoid', [x])
  huber = (x: Tensor, delta = 1): Tensor => this.apply('huber', [x], { delta })
  clamp = (x: Tensor, low: number, high: number): Tensor => this.apply('clamp', [x], { low, high })
  add = (a: Tensor, b: Tensor): Tensor => this.apply('add', [a, b])
  sub = (a: Tensor, b: Tensor): Tensor => this.apply('sub', [a, b])
  mul = (a: Tensor, b: Tensor): Tensor => this.apply('mul', [a, b])
  div = (a: Tensor, b: Tensor): Tensor => this.apply('div', [a, b])
  maximum = (a: Tensor, b: Tensor): Tensor => this.apply('maximum', [a, b])
  minimum = (a: Tensor, b: Tensor): Tensor => this.apply('minimum', [a, b])
  greater = (a: Tensor, b: Tensor): Tensor => this.apply('greater', [a, b])
  greaterEqual = (a: Tensor, b: Tensor): Tensor => this.apply('greaterEqual', [a, b])
  equal = (a: Tensor, b: Tensor): Tensor => this.apply('equal', [a, b])
  where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => this.apply('where', [condition, a, b])
  cast = (x: Tensor, dtype: Dtype): Tensor => (x.dtype === dtype ? x : this.apply('cast', [x], { dtype }))
  stopGradient = (x: Tensor): Tensor => this.apply('stopGradient', [x])
  argmax = (x: Tensor): Tensor => this.apply('argmax', [x])
  gather = (x: Tensor, indices: Tensor): Tensor => this.apply('gather', [x, indices])
  gatherRows = (table: Tensor, indices: Tensor): Tensor => this.apply('gatherRows', [table, indices])
  scatter = (indices: Tensor, values: Tensor, length: number): Tensor =>
    this.apply('scatter', [indices, values], { length })
  softmax = (x: Tensor, mask: Tensor): Tensor => this.apply('softmax', [x, mask])
  logSoftmax = (x: Tensor, mask: Tensor): Tensor => this.apply('logSoftmax', [x, mask])
  concat = (inputs: readonly Tensor[], axis: number): Tensor =>
    inputs.length === 1 ? inputs[0]! : this.apply('concat', inputs, { axis })
  slice = (x: Tensor, begin: readonly number[], size: readonly number[]): Tensor =>
    sameShape(x.shape, size) ? x : this.apply('slice', [x], { begin, size })
  pad = (x: Tensor, begin: readonly number[], shape: Shape): Tensor =>
    sameShape(x.shape, shape) ? x : this.apply('pad', [x], { begin, shape })
  reshape = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : this.apply('reshape', [x], { shape }))
  transpose = (x: Tensor, axes: readonly number[]): Tensor => this.apply('transpose', [x], { axes })
  broadcastTo = (x: Tensor, shape: Shape): Tensor =>
    sameShape(x.shape, shape) ? x : this.apply('broadcastTo', [x], { shape })

  /** The last axis stays with length 1, unless told. */
  max(x: Tensor, { keep = true }: { keep?: boolean } = {}): Tensor {
    const most = this.apply('max', [x])
    return keep ? most : this.reshape(most, x.shape.slice(0, -1))
  }

  /** Over some axes, which stay with length 1; over all by default, which gives a scalar []. */
  sum(x: Tensor, axes?: readonly number[]): Tensor {
    if (axes === undefined) return this.reshape(this.sum(x, [...x.shape.keys()]), [])
    return axes.length === 0 ? x : this.apply('sum', [x], { axes })
  }

  mean(x: Tensor, axes?: readonly number[]): Tensor {
    const count = sizeOf((axes ?? [...x.shape.keys()]).map((axis) => x.shape[axis]!))
    return this.div(this.sum(x, axes), this.scalar(count))
  }

  /** sum(w x) / sum(w): what is masked counts for nothing. */
  weightedMean(x: Tensor, weight: Tensor): Tensor {
    return this.div(this.sum(this.mul(x, weight)), this.sum(weight))
  }

  /** Summed over what was repeated to get from a shape to x's: the gradient of repeating. */
  sumTo(x: Tensor, shape: Shape): Tensor {
    return this.reshape(this.sum(x, repeatedAxes(shape, x.shape)), shape)
  }

  matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
    return this.apply('matmul', [a, b], { transposeA, transposeB })
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
