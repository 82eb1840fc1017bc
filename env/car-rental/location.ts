import { cappedPoisson } from './poisson.js'

/** One day at one location: cars in the morning are rented out, then others are brought back. */
export interface Location {
  /** f64 [C + 1], customers, those beyond C counted as C. */
  readonly requests: Float64Array
  /** f64 [C + 1], cars brought back, those beyond C counted as C. */
  readonly returns: Float64Array
  /** f64 [(C + 1) * (C + 1)], probability of as many cars at night given as many in the morning. */
  readonly next: Float64Array
  /** f64 [(C + 1) * (C + 1)], expected number of cars rented out, given both. */
  readonly rented: Float64Array
}

/** The day's distributions at a location that holds `maxCars` cars; means are cars a day. */
export function locationDay(maxCars: number, meanRequests: number, meanReturns: number): Location {
  const size = maxCars + 1
  const requests = cappedPoisson(meanRequests, maxCars)
  const returns = cappedPoisson(meanReturns, maxCars)
  const next = new Float64Array(size * size)
  const rented = new Float64Array(size * size)
  for (let morning = 0; morning < size; morning++) {
    for (let asked = 0; asked < size; asked++) {
      const out = Math.min(morning, asked)
      for (let back = 0; back < size; back++) {
        const at = morning * size + Math.min(maxCars, morning - out + back)
        const chance = requests[asked]! * returns[back]!
        next[at]! += chance
        rented[at]! += chance * out
      }
    }
  }
  for (let at = 0; at < next.length; at++) if (next[at]! > 0) rented[at]! /= next[at]!
  return { requests, returns, next, rented }
}
