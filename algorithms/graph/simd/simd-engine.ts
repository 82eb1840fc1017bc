import type { Engine, Executable, TensorArray } from '../engine.js'
import { GraphError } from '../graph-error.js'
import type { Program } from '../program.js'
import { type Shape, sameShape, showShape, sizeOf } from '../tensor.js'
import { KernelMemory } from './kernel-memory.js'
import { type Plan, plan } from './plan.js'
import { SimdExecutable } from './simd-executable.js'

/**
 * Runs programs on WebAssembly SIMD kernels: f32 throughout, memory planned once, a run is a table of kernel calls. The same bits on every
 * machine and version of Node; a seed alone gives the same bits as among others.
 */
export class SimdEngine implements Engine {
  readonly name = 'simd'
  readonly seeds: number
  readonly #memory = new KernelMemory()
  readonly #variables = new Map<string, { shape: Shape; at: number; values: Float32Array }>()

  constructor(seeds = 1) {
    this.seeds = seeds
  }

  compile(program: Program): Executable {
    const planned = plan(program, this.seeds)
    this.#checkVariables(planned)
    for (const [name, { node, storage }] of planned.variables) {
      const known = this.#variables.get(name)
      storage.at = known?.at ?? this.#memory.allocate(this.seeds * storage.bytes)
      if (known !== undefined) continue
      const values = this.#memory.view('f32', storage.at, this.seeds * sizeOf(node.shape)) as Float32Array
      this.#variables.set(name, { shape: node.shape, at: storage.at, values })
    }
    return new SimdExecutable(planned, this.seeds, this.#memory)
  }

  variable(name: string): TensorArray | undefined {
    return this.#variables.get(name)?.values
  }

  get variables(): ReadonlyMap<string, Shape> {
    return new Map([...this.#variables].map(([name, { shape }]) => [name, shape]))
  }

  /** Memory goes when nobody holds the engine, its programs or arrays of theirs any more. */
  dispose(): void {
    this.#variables.clear()
  }

  /** Nothing of a program that is refused stays. */
  #checkVariables({ variables }: Plan): void {
    for (const [name, { node }] of variables) {
      const known = this.#variables.get(name)?.shape
      if (known !== undefined && !sameShape(known, node.shape)) {
        throw new GraphError(
          `variable "${name}" is ${showShape(known)} in an earlier program of this engine, got ${showShape(node.shape)}`,
        )
      }
    }
  }
}
