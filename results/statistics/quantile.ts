import { ShapeError } from '#env/errors.js'

/**
 * A quantile, interpolated linearly between the nearest ranks (type 7 of Hyndman and Fan 1996; numpy's default).
 * @param sorted - ascending
 * @param p - in [0, 1]
 * @throws ShapeError when there are no values or p lies outside [0, 1]
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) throw new ShapeError('quantile: expected at least one value, got none')
  if (!(p >= 0 && p <= 1)) throw new ShapeError(`quantile: expected p in [0, 1], got ${p}`)
  const rank = p * (sorted.length - 1)
  const below = Math.floor(rank)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (rank - below) * (high - low)
}
