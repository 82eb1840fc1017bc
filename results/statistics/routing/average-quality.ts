import { ShapeError } from '#env/errors.js'
import { type CostQualityPoint, qualityHull, qualityOnHull } from './quality-hull.js'

/** The costs over which quality is averaged. */
export interface CostRange {
  readonly min: number
  readonly max: number
}

/**
 * Average improvement in quality, AIQ (Hu et al. 2024, RouterBench, section 3.3): 1 / (cmax - cmin) times the integral of
 * the non-decreasing convex hull from cmin to cmax. Two routers compare only over the same range: pass one that holds for
 * both, such as the cheapest to the dearest single model.
 *
 * Variant: the definition of the paper, divided by cmax - cmin. RouterBench's published code divides by cmax alone, starts
 * at each router's own cheapest point, and doesn't always reach the convex hull; its numbers differ. Beyond the best point
 * the hull goes on level; before the cheapest point there is nothing to average, and a range that begins there is refused.
 * @param range - from the cheapest to the dearest of the points when left out
 * @returns the mean height of the hull, in the unit of quality; of a range without width, the quality there
 * @throws ShapeError when there is no point, or the range is empty or begins before the cheapest point
 */
export function averageImprovementInQuality(points: readonly CostQualityPoint[], range?: CostRange): number {
  const hull = qualityHull(points)
  const min = range?.min ?? hull[0]!.cost
  const max = range?.max ?? points.reduce((most, { cost }) => Math.max(most, cost), min)
  if (!(min >= hull[0]!.cost && max >= min && max < Number.POSITIVE_INFINITY)) {
    throw new ShapeError(
      `averageImprovementInQuality: expected ${hull[0]!.cost} <= min <= max, got ${min} and ${max}; add the cheapest policy to the points`,
    )
  }
  if (max === min) return qualityOnHull(hull, min)
  let area = 0
  let from = min
  for (const { cost } of [...hull, { cost: max }]) {
    const to = Math.min(cost, max)
    if (to <= from) continue
    area += ((to - from) * (qualityOnHull(hull, from) + qualityOnHull(hull, to))) / 2
    from = to
  }
  return area / (max - min)
}
