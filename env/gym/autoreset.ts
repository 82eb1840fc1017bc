import type { Env } from '../env.js'
import { LifecycleError, ShapeError } from '../errors.js'
import { Rng } from '../rng.js'
import { allocateSlots, type SlotBuffers } from '../slot.js'
import type { EnvSpec, Layout } from '../spec.js'
import type { Seed } from './session.js'

/**
 * When a row that ended starts again, in Gymnasium's words. next-step: its next step ignores the actions, resets it and
 * pays 0. disabled: the caller resets it. (same-step is what `VectorEnv` does.)
 */
export type Autoreset = 'next-step' | 'disabled'

export interface AutoresetOptions {
  readonly autoreset: Autoreset
  /** Row e draws from the stream `seed/e`. */
  readonly seed: Seed
}

/** Several environments stepped together for outside callers; `views` are the live arrays, [E, ...] as in a slot. */
export class AutoresetEnv {
  readonly spec: EnvSpec
  readonly layout: Layout
  readonly views: SlotBuffers
  /** u8 [E], rows whose episode has ended and that wait for a reset. */
  readonly ended: Uint8Array
  readonly #envs: readonly Env[]
  readonly #rngs: readonly Rng[]
  readonly #autoreset: Autoreset
  #running = false

  /** @param make - makes one environment; called `size` times */
  constructor(make: () => Env, size: number, options: AutoresetOptions) {
    if (!Number.isInteger(size) || size < 1) throw new ShapeError(`AutoresetEnv: expected 1 or more rows, got ${size}`)
    this.#envs = Array.from({ length: size }, make)
    this.spec = this.#envs[0]!.spec
    this.views = allocateSlots(this.spec, size)
    this.layout = this.views.layout
    this.ended = new Uint8Array(size)
    this.#autoreset = options.autoreset
    this.#rngs = Array.from({ length: size }, (_, e) => new Rng(`${options.seed}/${e}`))
    this.#envs.forEach((env, e) => {
      env.bind(this.views.rows[e]!)
    })
  }

  /** Starts episodes. @param rows - which, u8 [E], 1 = reset; all where absent (and always the first time) */
  reset(rows?: Uint8Array): void {
    this.#envs.forEach((_, e) => {
      if (!this.#running || rows === undefined || rows[e] === 1) this.#resetRow(e)
    })
    this.#running = true
  }

  /**
   * One joint action in every row.
   * @param actions - i32 [E, N]
   * @throws LifecycleError before the first reset, and in mode disabled while a row waits for one
   */
  step(actions: Int32Array): void {
    const n = this.layout.actionsOf.length
    if (!this.#running) throw new LifecycleError('AutoresetEnv.step: call reset first')
    if (actions.length !== this.ended.length * n) {
      throw new ShapeError(`AutoresetEnv.step: expected ${this.ended.length} x ${n} actions, got ${actions.length}`)
    }
    const waiting = this.ended.indexOf(1)
    if (this.#autoreset === 'disabled' && waiting >= 0) {
      throw new LifecycleError(`AutoresetEnv.step: row ${waiting} has ended; reset it first, or use next-step`)
    }
    this.#envs.forEach((env, e) => {
      if (this.ended[e] === 1) {
        this.#resetRow(e)
      } else {
        env.step(actions.subarray(e * n, (e + 1) * n))
        this.ended[e] = this.views.terminated[e]! | this.views.truncated[e]!
      }
    })
  }

  #resetRow(e: number): void {
    this.#envs[e]!.reset(this.#rngs[e]!)
    this.ended[e] = 0
  }
}
