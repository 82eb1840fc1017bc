import { StateError } from '../errors.js'
import type { Rng } from '../rng.js'

/** Which query comes next. Its state is a few numbers, however many queries there are. */
export interface QueryOrder {
  /** Place of the next query, 0..size-1. */
  next(rng: Rng): number
  /** Forgets what came before. */
  restart(): void
  saveState(): readonly number[]
  /** @throws StateError when it isn't a state of such an order */
  loadState(state: readonly number[]): void
}

/** Drawn anew every time. @param shares - f64 [size]; null = all alike */
export class IndependentOrder implements QueryOrder {
  readonly #size: number
  readonly #shares: Float64Array | null

  constructor(size: number, shares: Float64Array | null) {
    this.#size = size
    this.#shares = shares
  }

  next(rng: Rng): number {
    return this.#shares === null ? rng.integer(this.#size) : rng.categorical(this.#shares)
  }

  restart(): void {}

  saveState(): readonly number[] {
    return []
  }

  loadState(): void {}
}

const ROUNDS = 4

/**
 * Every query once before any comes again, in an order of its own each time: a Feistel permutation of the next power of
 * four, walked until it falls inside (Black and Rogaway 2002, "Ciphers with Arbitrary Finite Domains", section 3, method 2).
 */
export class ShuffledOrder implements QueryOrder {
  readonly #size: number
  readonly #halfBits: number
  readonly #keys = new Int32Array(ROUNDS)
  #position: number

  constructor(size: number) {
    this.#size = size
    this.#halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2))
    this.#position = size
  }

  next(rng: Rng): number {
    if (this.#position >= this.#size) {
      for (let round = 0; round < ROUNDS; round++) this.#keys[round] = rng.uniform() * 2 ** 32
      this.#position = 0
    }
    let place = this.#position++
    do place = this.#permute(place)
    while (place >= this.#size)
    return place
  }

  restart(): void {
    this.#position = this.#size
  }

  saveState(): readonly number[] {
    return [this.#position, ...this.#keys]
  }

  loadState(state: readonly number[]): void {
    if (!Array.isArray(state) || state.length !== ROUNDS + 1 || !state.every(Number.isInteger)) {
      throw new StateError(`routing-cascade: expected the place in a shuffled order, got ${JSON.stringify(state)}`)
    }
    this.#position = state[0]!
    for (let round = 0; round < ROUNDS; round++) this.#keys[round] = state[round + 1]!
  }

  #permute(value: number): number {
    const bits = this.#halfBits
    const low = (1 << bits) - 1
    let left = value >>> bits
    let right = value & low
    for (let round = 0; round < ROUNDS; round++) {
      const mixed = left ^ (mix(right + this.#keys[round]!) & low)
      left = right
      right = mixed
    }
    return (left << bits) | right
  }
}

/** Finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
