import { NonFiniteError, ShapeError } from '#env/errors.js'

/** What a router costs and reaches at one setting, both as means over the same queries. */
export interface CostQualityPoint {
  readonly cost: number
  readonly quality: number
}

/**
 * Non-decreasing convex hull of operating points (Hu et al. 2024, RouterBench, arXiv 2403.12031, section 3.2): the upper
 * hull from the cheapest point to the best one. Its edges are reached by answering each query with one of two settings at
 * random. Ascending in cost and in quality.
 * @throws ShapeError when there is no point
 * @throws NonFiniteError when a cost or quality is NaN or infinite
 */
export function qualityHull(points: readonly CostQualityPoint[]): CostQualityPoint[] {
  if (points.length === 0) throw new ShapeError('qualityHull: expected at least one point, got none')
  for (const { cost, quality } of points) {
    if (!Number.isFinite(cost) || !Number.isFinite(quality)) {
      throw new NonFiniteError(`qualityHull: expected finite points, got cost ${cost} and quality ${quality}`)
    }
  }
  const sorted = [...points].sort((a, b) => a.cost - b.cost || b.quality - a.quality)
  const hull: CostQualityPoint[] = []
  for (const point of sorted) {
    // Sorted by cost: a point no better than the last one kept is dearer for nothing.
    if (hull.length > 0 && point.quality <= hull.at(-1)!.quality) continue
    while (hull.length > 1 && !turnsDown(hull.at(-2)!, hull.at(-1)!, point)) hull.pop()
    hull.push(point)
  }
  return hull
}

/** Height of a hull (as `qualityHull` gives it) at a cost; level before its first point and after its last. */
export function qualityOnHull(hull: readonly CostQualityPoint[], cost: number): number {
  let right = 0
  while (right < hull.length && hull[right]!.cost < cost) right++
  if (right === hull.length) return hull.at(-1)!.quality
  const to = hull[right]!
  if (right === 0 || to.cost === cost) return to.quality
  const from = hull[right - 1]!
  return from.quality + ((cost - from.cost) / (to.cost - from.cost)) * (to.quality - from.quality)
}

/** Whether b lies above the straight line from a to c. */
function turnsDown(a: CostQualityPoint, b: CostQualityPoint, c: CostQualityPoint): boolean {
  return (b.quality - a.quality) * (c.cost - a.cost) > (c.quality - a.quality) * (b.cost - a.cost)
}
