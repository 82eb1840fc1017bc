import { IterationLimitError } from '#env/errors.js'
import type { Corrections } from '../optimality-sweep.js'
import { largestSize } from '../rounding.js'

/** How near bounds must come: a distance in reward units, or a share of the largest value. */
export type Accuracy = { readonly distance: number } | { readonly relative: number }

/** Where f64 resolves less than a share of the largest value, so many times as much is taken. */
const WIDENED = 1000

/**
 * Whether the bounds that a sweep proves are near enough.
 * @param next - [S], the values that the corrections are of
 * @throws IterationLimitError when f64 can't bring them as near
 */
export function isReached(
  where: string,
  accuracy: Accuracy,
  next: Float64Array,
  { below, above, resolution }: Corrections,
): boolean {
  const distance = above - below
  // The least that the largest value can be: 0 while the bounds tell nothing.
  const size = Math.max(0, largestSize(next) - Math.max(Math.abs(below), Math.abs(above)))
  const asked = 'distance' in accuracy ? accuracy.distance : accuracy.relative * size
  if (distance <= asked) return true
  const isFinest = distance <= 2 * resolution
  const most = 'distance' in accuracy ? accuracy.distance : WIDENED * asked
  if (isFinest && distance <= most) return true
  // Relative to values that cancel to nothing no accuracy is near enough; but none is known to be so before the bounds are near.
  if ('distance' in accuracy ? resolution > accuracy.distance : isFinest) {
    throw new IterationLimitError(
      `${where}: expected bounds within ${most.toPrecision(2)}, but rounding in f64 alone leaves ${resolution.toExponential(1)} here; ask for a larger epsilon`,
    )
  }
  return false
}
