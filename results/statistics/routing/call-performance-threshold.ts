import { ShapeError } from '#env/errors.js'
import { performanceGapRecovered } from './performance-gap.js'
import type { RoutingCurve } from './routing-curve.js'

/**
 * Call-performance threshold CPT(x) (Ong et al. 2024, section 3.2): the share of strong calls needed to recover the share
 * `recovered` of the performance gap, in [0, 1]. The curve is read linearly between its points.
 *
 * Deviation: RouteLLM's code interpolates the share of calls over quality, which means nothing where quality falls as calls
 * rise; this is the first crossing from the left. Null where the two models are equally good.
 * @param recovered - share of the gap, in [0, 1]: 0.5 for CPT(50%)
 * @throws ShapeError when `recovered` lies outside [0, 1]
 */
export function callPerformanceThreshold(curve: RoutingCurve, recovered: number): number | null {
  if (!(recovered >= 0 && recovered <= 1)) {
    throw new ShapeError(`callPerformanceThreshold: expected a share of the gap in [0, 1], got ${recovered}`)
  }
  if (curve.strong === curve.weak) return null
  let left = { fraction: 0, pgr: Number.NEGATIVE_INFINITY }
  for (const { strongFraction: fraction, quality } of curve.points) {
    const pgr = performanceGapRecovered(quality, curve)!
    if (pgr >= recovered) {
      const part = Number.isFinite(left.pgr) ? (recovered - left.pgr) / (pgr - left.pgr) : 1
      return left.fraction + part * (fraction - left.fraction)
    }
    left = { fraction, pgr }
  }
  // Always strong recovers 1; only rounding of the mean leads here.
  return 1
}
