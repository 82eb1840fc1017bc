import type { RoutingCurve } from './routing-curve.js'

/** Mean qualities between which a router works. */
export interface PerformanceGap {
  readonly weak: number
  readonly strong: number
}

/**
 * Performance gap recovered (Ong et al. 2024, equation 5): (quality - weak) / (strong - weak). 0 is the weak model, 1 the
 * strong one; above 1 a router beats both. Null where the two models are equally good and there is no gap.
 */
export function performanceGapRecovered(quality: number, gap: PerformanceGap): number | null {
  if (gap.strong === gap.weak) return null
  return (quality - gap.weak) / (gap.strong - gap.weak)
}

/**
 * Average performance gap recovered, APGR, as RouteLLM's evaluation computes it: the area under quality over the share of
 * strong calls by the trapezoid rule, less that of the weak model, over the difference of the two models' areas. A router
 * that scores at random gets 0.5 in expectation. Null where there is no gap.
 */
export function averagePerformanceGapRecovered(curve: RoutingCurve): number | null {
  if (curve.strong === curve.weak) return null
  let area = 0
  for (let i = 1; i < curve.points.length; i++) {
    const left = curve.points[i - 1]!
    const right = curve.points[i]!
    area += ((right.strongFraction - left.strongFraction) * (left.quality + right.quality)) / 2
  }
  const width = curve.points.at(-1)!.strongFraction - curve.points[0]!.strongFraction
  return (area - width * curve.weak) / (width * (curve.strong - curve.weak))
}
