import { UsageError } from '../errors.js'
import type { Rng } from '../rng.js'
import type { ArrivalTrace } from './arrival-trace.js'
import { type RoutingDispatchConfig, resolveInstance, type TypeConfig } from './config.js'

/** Queries that arrive in a tick, drawn. */
export interface Arrivals {
  /** An episode starts. */
  reset(rng: Rng): void
  /**
   * Draws a tick's arrivals.
   * @param out - i32, their types in order of time, written; grown where it is too short
   * @returns how many
   */
  draw(rng: Rng, out: number[]): number
  /** What `reset` drew and `draw` moves on, a number that `restore` takes. */
  readonly place: number
  restore(place: number): void
}

/**
 * The arrivals that settings stand for.
 * @param recording - where the settings name one; without it they refuse to begin
 */
export function arrivalsOf(config: RoutingDispatchConfig, recording?: ArrivalTrace): Arrivals {
  const { types } = resolveInstance(config)
  if (config.arrivals.kind === 'bernoulli') return new BernoulliArrivals(types)
  if (config.arrivals.kind === 'poisson') return new PoissonArrivals(types)
  if (recording === undefined) return new MissingArrivals(config.arrivals.file)
  return new RecordedArrivals(recording, config.arrivals.start)
}

/** At most one a tick: one draw, always. */
export class BernoulliArrivals implements Arrivals {
  readonly place = 0
  /** f64 [T], cumulative. */
  readonly #upTo: Float64Array

  constructor(types: readonly TypeConfig[]) {
    this.#upTo = cumulative(types.map(({ arrival }) => arrival))
  }

  reset(): void {}
  restore(): void {}

  draw(rng: Rng, out: number[]): number {
    const draw = rng.uniform()
    for (let type = 0; type < this.#upTo.length; type++) {
      if (draw >= this.#upTo[type]!) continue
      out[0] = type
      return 1
    }
    return 0
  }
}

/** Any number a tick, types independent: one draw for the number (several where many are expected), one for each type. */
export class PoissonArrivals implements Arrivals {
  readonly place = 0
  readonly #rate: number
  /** f64 [T], cumulative shares. */
  readonly #upTo: Float64Array

  constructor(types: readonly TypeConfig[]) {
    this.#rate = types.reduce((sum, { arrival }) => sum + arrival, 0)
    this.#upTo = cumulative(types.map(({ arrival }) => (this.#rate > 0 ? arrival / this.#rate : 0)))
  }

  reset(): void {}
  restore(): void {}

  draw(rng: Rng, out: number[]): number {
    let count = 0
    // A sum of Poisson numbers is one: pieces keep exp(-rate) away from 0.
    for (let rest = this.#rate; rest > 0; rest -= PIECE) count += poisson(Math.min(rest, PIECE), rng)
    for (let k = 0; k < count; k++) {
      const draw = rng.uniform()
      let type = 0
      while (type < this.#upTo.length - 1 && draw >= this.#upTo[type]!) type++
      out[k] = type
    }
    return count
  }
}

/** Queries as they were recorded, tick by tick. */
export class RecordedArrivals implements Arrivals {
  place = 0
  readonly #trace: ArrivalTrace
  readonly #startsAnywhere: boolean

  constructor(trace: ArrivalTrace, start: 'first' | 'random') {
    this.#trace = trace
    this.#startsAnywhere = start === 'random'
  }

  reset(rng: Rng): void {
    this.place = this.#startsAnywhere ? rng.integer(this.#trace.ticks) : 0
  }

  restore(place: number): void {
    this.place = place
  }

  draw(_rng: Rng, out: number[]): number {
    const { start, type, ticks } = this.#trace
    const from = start[this.place]!
    const count = start[this.place + 1]! - from
    for (let k = 0; k < count; k++) out[k] = type[from + k]!
    this.place = (this.place + 1) % ticks
    return count
  }
}

/** Those of a recording that wasn't given: a team can be looked at, and played by given events, but not drawn. */
export class MissingArrivals implements Arrivals {
  readonly place = 0
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  reset(): void {
    throw new UsageError(
      `routing-dispatch: made without the arrivals recorded in "${this.#file}"; pass what recording.read of its entry gives`,
    )
  }

  restore(): void {}

  draw(): number {
    this.reset()
    return 0
  }
}

const PIECE = 500

/** By inversion: one draw. */
function poisson(rate: number, rng: Rng): number {
  let rest = rng.uniform()
  let chance = Math.exp(-rate)
  let count = 0
  // The chance falls below what a draw can tell before the sum reaches 1 by rounding.
  while (rest >= chance && (count < rate || chance > 0)) {
    rest -= chance
    count++
    chance *= rate / count
  }
  return count
}

function cumulative(shares: readonly number[]): Float64Array {
  let upTo = 0
  return Float64Array.from(shares, (share) => {
    upTo += share
    return upTo
  })
}
