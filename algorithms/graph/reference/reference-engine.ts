import { checkedNodes } from '../checked-nodes.js'
import type { Engine, Executable, TensorArray } from '../engine.js'
import { GraphError } from '../graph-error.js'
import type { Program } from '../program.js'
import { type Dtype, type Shape, sameShape, showShape, sizeOf, type Tensor } from '../tensor.js'
import { prepared } from './effects.js'
import { elementwise } from './elementwise.js'
import { indexing } from './indexing.js'
import type { Kernels, Run } from './kernel.js'
import { matrices } from './matrices.js'
import { shaping } from './shaping.js'

const kernels: Kernels = { ...elementwise, ...shaping, ...matrices, ...indexing }

export const kernelNames: readonly string[] = Object.keys(kernels)

/**
 * Computes every node in f64, one after the other and one seed after the other: slow and plain, what other engines are compared with.
 * Numbers of f32 are held as f64 throughout: nothing is rounded. A run allocates.
 */
export class ReferenceEngine implements Engine {
  readonly name = 'reference'
  readonly seeds: number
  readonly #variables = new Map<string, { shape: Shape; values: Float64Array }>()

  constructor(seeds = 1) {
    this.seeds = seeds
  }

  compile(program: Program): Executable {
    const nodes = checkedNodes(program)
    // Nothing of a program that is refused stays.
    const variables = nodes.filter(({ operation }) => operation === 'variable')
    for (const variable of variables) this.#checkVariable(variable)
    for (const { name, shape } of variables) {
      if (!this.#variables.has(name!))
        this.#variables.set(name!, { shape, values: new Float64Array(this.seeds * sizeOf(shape)) })
    }
    return new ReferenceExecutable(program, nodes, this)
  }

  variable(name: string): Float64Array | undefined {
    return this.#variables.get(name)?.values
  }

  get variables(): ReadonlyMap<string, Shape> {
    return new Map([...this.#variables].map(([name, { shape }]) => [name, shape]))
  }

  dispose(): void {
    this.#variables.clear()
  }

  #checkVariable({ name, shape }: Tensor): void {
    const known = this.#variables.get(name!)?.shape
    if (known !== undefined && !sameShape(known, shape)) {
      throw new GraphError(
        `variable "${name}" is ${showShape(known)} in an earlier program of this engine, got ${showShape(shape)}`,
      )
    }
  }
}

function arrayOf(dtype: Dtype, length: number): TensorArray {
  if (dtype === 'f32') return new Float64Array(length)
  return dtype === 'i32' ? new Int32Array(length) : new Uint8Array(length)
}

class ReferenceExecutable implements Executable {
  readonly #program: Program
  readonly #seeds: number
  /** [seeds, ...shape] */
  readonly #inputs = new Map<string, TensorArray>()
  readonly #outputs = new Map<string, TensorArray>()
  /** [seeds, ...shape] of inputs and variables. */
  readonly #leaves = new Map<Tensor, TensorArray>()
  /** Of the seed that is being computed. */
  readonly #values = new Map<Tensor, TensorArray>()
  readonly #runs: (readonly [node: Tensor, run: Run])[] = []

  constructor(program: Program, nodes: readonly Tensor[], engine: ReferenceEngine) {
    this.#program = program
    this.#seeds = engine.seeds
    for (const node of nodes) this.#prepare(node, engine)
    for (const [name, { dtype, shape }] of Object.entries(program.outputs)) {
      this.#outputs.set(name, arrayOf(dtype, this.#seeds * sizeOf(shape)))
    }
  }

  input(name: string): TensorArray {
    return known('input', name, this.#inputs)
  }

  output(name: string): TensorArray {
    return known('output', name, this.#outputs)
  }

  run(): void {
    const seeds = [...Array(this.#seeds).keys()]
    // What a seed can't compute leaves the variables of all as they were.
    const changes = seeds.flatMap((seed) => this.#compute(seed))
    for (const change of changes) change()
  }

  #compute(seed: number): (() => void)[] {
    for (const [node, all] of this.#leaves) {
      const size = sizeOf(node.shape)
      this.#values.set(node, all.subarray(seed * size, (seed + 1) * size))
    }
    const values = new Map(this.#values)
    const valuesOf = (node: Tensor) => values.get(node)!
    for (const [node, run] of this.#runs) run(node.inputs.map(valuesOf), valuesOf(node))
    for (const [name, node] of Object.entries(this.#program.outputs)) {
      this.output(name).set(valuesOf(node), seed * sizeOf(node.shape))
    }
    return this.#program.effects.map((effect) => prepared(effect, valuesOf))
  }

  #prepare(node: Tensor, engine: ReferenceEngine): void {
    const { operation, name, dtype, shape } = node
    if (operation === 'input') {
      const all = arrayOf(dtype, this.#seeds * sizeOf(shape))
      this.#inputs.set(name!, all)
      this.#leaves.set(node, all)
    } else if (operation === 'variable') {
      this.#leaves.set(node, engine.variable(name!)!)
    } else {
      const values = arrayOf(dtype, sizeOf(shape))
      this.#values.set(node, values)
      if (operation === 'constant') values.set(node.values!)
      else this.#runs.push([node, kernelOf(operation)(node)])
    }
  }
}

function kernelOf(operation: string) {
  const kernel = kernels[operation]
  if (kernel === undefined) throw new GraphError(`the reference engine has no operation "${operation}"`)
  return kernel
}

function known(what: string, name: string, all: ReadonlyMap<string, TensorArray>): TensorArray {
  const found = all.get(name)
  if (found !== undefined) return found
  throw new GraphError(`the program has no ${what} "${name}"; it has ${[...all.keys()].join(', ') || 'none'}`)
}
