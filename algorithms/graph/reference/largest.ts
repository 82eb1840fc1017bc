import type { TensorArray } from '../engine.js'

/** Where the largest of a row stands: the first of equal ones; NaN is never the largest; 0 where all are NaN. */
export function largestAt(x: TensorArray, from: number, length: number): number {
  let best = -1
  for (let k = 0; k < length; k++) {
    const value = x[from + k]!
    if (best < 0 ? !Number.isNaN(value) : value > x[from + best]!) best = k
  }
  return Math.max(best, 0)
}
