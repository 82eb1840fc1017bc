import seedrandom from 'seedrandom'
import { ShapeError, StateError } from './errors.js'

/** State of a generator: s0, s1, s2 (fractions in [0, 1)) and the carry c. Plain data, survives JSON exactly. */
export type RngState = readonly [s0: number, s1: number, s2: number, carry: number]

const TWO_POW_MINUS_32 = 2.3283064365386963e-10

/**
 * Seeded random numbers: Baagøe's Alea, seeded by the seedrandom package and stepped here so that a draw is inlined and
 * the state can be saved. The stream equals `seedrandom.alea(seed)` number for number (tested).
 */
export class Rng {
  readonly seed: string
  readonly #state = new Float64Array(4)

  /** @param seed - any text; equal texts give equal streams */
  constructor(seed: string) {
    this.seed = seed
    const { s0, s1, s2, c } = seedrandom.alea(seed, { state: true }).state() as unknown as AleaState
    this.#state.set([s0, s1, s2, c])
  }

  /** A number uniform in [0, 1), 32 bits of resolution. */
  uniform(): number {
    const state = this.#state
    const t = 2091639 * state[0]! + state[3]! * TWO_POW_MINUS_32
    const carry = t | 0
    const fraction = t - carry
    state[0] = state[1]!
    state[1] = state[2]!
    state[2] = fraction
    state[3] = carry
    return fraction
  }

  /** An integer uniform in 0..bound-1. */
  integer(bound: number): number {
    return (this.uniform() * bound) | 0
  }

  /** An index drawn with the given probabilities (non-negative, summing to 1); one draw. */
  categorical(probabilities: ArrayLike<number>): number {
    let rest = this.uniform()
    let last = -1
    for (let i = 0; i < probabilities.length; i++) {
      const p = probabilities[i]!
      if (p <= 0) continue
      last = i
      rest -= p
      if (rest < 0) return i
    }
    if (last < 0) throw new ShapeError('Rng.categorical: no positive probability to draw from')
    return last
  }

  /** A generator with its own stream, the same for the same seed and label whatever has been drawn here. */
  fork(label: string | number): Rng {
    return new Rng(`${this.seed}/${label}`)
  }

  saveState(): RngState {
    return [this.#state[0]!, this.#state[1]!, this.#state[2]!, this.#state[3]!]
  }

  /** @throws StateError when the state isn't four finite numbers */
  loadState(state: RngState): void {
    if (!Array.isArray(state) || state.length !== 4 || !state.every((value) => Number.isFinite(value))) {
      throw new StateError('Rng.loadState: expected four finite numbers [s0, s1, s2, carry]')
    }
    this.#state.set(state)
  }
}

interface AleaState {
  s0: number
  s1: number
  s2: number
  c: number
}
