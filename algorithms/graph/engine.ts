import type { Program } from './program.js'
import type { Shape } from './tensor.js'

export type TensorArray = Float32Array | Float64Array | Int32Array | Uint8Array

/**
 * Runs programs. Variables belong to the engine, by name: programs that name the same one share it. With `seeds` every variable, input and
 * output has a leading axis of that length, and each seed is computed as if it were alone, to the bit.
 */
export interface Engine {
  readonly name: string
  readonly seeds: number
  /** @throws Error where a variable has another shape than in an earlier program */
  compile(program: Program): Executable
  /** [seeds, ...shape], the numbers themselves; zeros until somebody writes them. Undefined where no program names it. */
  variable(name: string): TensorArray | undefined
  /** Names and shapes of the variables, without the seeds, in the order in which programs named them. */
  readonly variables: ReadonlyMap<string, Shape>
  /** Frees what it holds. */
  dispose(): void
}

/** A program that is ready to run, again and again. */
export interface Executable {
  /** [seeds, ...shape] of each input, to be written before a run. The same array every time. */
  input(name: string): TensorArray
  /** [seeds, ...shape] of each output as the last run left it. The same array every time. */
  output(name: string): TensorArray
  /** Allocates nothing. @throws IndexError where an index lies outside, a mask lets nothing */
  run(): void
}

/** What an engine was fed can't be computed: an index outside, a softmax over nothing. */
export class IndexError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'IndexError'
  }
}
