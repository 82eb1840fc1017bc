import { ShapeError } from '#env/errors.js'
import { type BootstrapOptions, stratifiedBootstrap } from '../bootstrap.js'
import { mean } from '../mean.js'
import type { RoutingCurve } from './routing-curve.js'

/** Quality over the share of strong calls, with a band. All arrays are as long as `strongFraction`. */
export interface CurveBands {
  readonly strongFraction: Float64Array
  readonly mean: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
}

/** Quality at a share of strong calls, linear between the points of the curve (points that share a place are equal). */
export function qualityAtFraction(curve: RoutingCurve, strongFraction: number): number {
  if (!(strongFraction >= 0 && strongFraction <= 1)) {
    throw new ShapeError(`qualityAtFraction: expected a share of strong calls in [0, 1], got ${strongFraction}`)
  }
  const { points } = curve
  let right = 0
  while (right < points.length - 1 && points[right]!.strongFraction < strongFraction) right++
  const to = points[right]!
  if (right === 0 || to.strongFraction <= strongFraction) return to.quality
  const from = points[right - 1]!
  const part = (strongFraction - from.strongFraction) / (to.strongFraction - from.strongFraction)
  return from.quality + part * (to.quality - from.quality)
}

/**
 * Mean curve over folds with pointwise bootstrap bands.
 * @param folds - [repetitions][folds]: curves of the repetitions of a cross-validation; folds are drawn within theirs
 * @param steps - equal steps between 0 and 1; steps + 1 places come back
 * @throws ShapeError when there is no fold or steps isn't a positive whole number
 */
export function curveBands(
  folds: readonly (readonly RoutingCurve[])[],
  options: BootstrapOptions & { readonly steps?: number },
): CurveBands {
  const { steps = 10 } = options
  if (!Number.isInteger(steps) || steps < 1) throw new ShapeError(`curveBands: expected steps >= 1, got ${steps}`)
  const bands: CurveBands = {
    strongFraction: Float64Array.from({ length: steps + 1 }, (_, i) => i / steps),
    mean: new Float64Array(steps + 1),
    low: new Float64Array(steps + 1),
    high: new Float64Array(steps + 1),
  }
  for (let i = 0; i <= steps; i++) {
    const values = folds.map((curves) => curves.map((curve) => qualityAtFraction(curve, bands.strongFraction[i]!)))
    const interval = stratifiedBootstrap(values, mean, options)
    bands.mean[i] = mean(values.flat())
    bands.low[i] = interval.low
    bands.high[i] = interval.high
  }
  return bands
}
