import seedrandom from 'seedrandom'
import { mean } from '../statistics/mean.js'
import { type FoldValues, metricInterval } from '../statistics/routing/metric-interval.js'
import { qualityOnHull } from '../statistics/routing/quality-hull.js'
import type { RoutingScore } from '../store/routing-records.js'
import type { Routed, RoutedScores } from './routed-series.js'

/** Quality at one place of the x axis: mean over folds and its bootstrap 95% interval. */
export interface BandPoint {
  readonly x: number
  readonly mean: number
  /** Null of too few folds. */
  readonly low: number | null
  readonly high: number | null
  /** Folds that have a value. */
  readonly of: number
}

type NamedScores = RoutedScores & { readonly name: string }

const steps = 50

/** Quality of a two-model policy at equal steps of the share of strong calls; seeds of a fold are averaged first. */
export function strongCallBands(world: Routed, series: NamedScores): BandPoint[] {
  const length = series.scores.flat()[0]?.curve?.quality.length ?? 0
  return Array.from({ length }, (_, i) => {
    const values = overFolds(series, (score) => score.curve?.quality[i] ?? null)
    return bandPoint(world, series, i / (length - 1), values)
  }).flat()
}

/**
 * Quality on a policy's hull between the cheapest and the dearest single model. Costs differ from fold to fold: places are
 * shares of the way between the two (geometric where `geometric`), drawn at their mean cost.
 * @returns empty where costs aren't known
 */
export function costBands(world: Routed, series: NamedScores, geometric: boolean): BandPoint[] {
  return Array.from({ length: steps + 1 }, (_, i) => {
    const costs = overFolds(series, (score) => costAt(score, i / steps, geometric))
    const values = overFolds(series, (score) => {
      const cost = costAt(score, i / steps, geometric)
      return cost === null || score.hull === null ? null : qualityOnHull(score.hull, cost)
    })
    const known = costs.filter((cost) => cost !== null)
    return known.length === 0 ? [] : bandPoint(world, series, mean(known), values)
  }).flat()
}

/** Lowest and highest mean cost of the single models on a fold; null where costs aren't known. */
export function costRange(score: RoutingScore): { readonly min: number; readonly max: number } | null {
  const costs = Object.values(score.single).flatMap(({ cost }) => cost ?? [])
  return costs.length === 0 ? null : { min: Math.min(...costs), max: Math.max(...costs) }
}

function costAt(score: RoutingScore, share: number, geometric: boolean): number | null {
  const range = costRange(score)
  if (range === null) return null
  const { min, max } = range
  return geometric ? min * Math.exp(share * Math.log(max / min)) : min + share * (max - min)
}

function overFolds({ scores }: RoutedScores, value: (score: RoutingScore) => number | null): FoldValues {
  return scores.map((fold) => {
    const known = fold.flatMap((score) => value(score) ?? [])
    return known.length === 0 ? null : mean(known)
  })
}

function bandPoint(world: Routed, series: NamedScores, x: number, values: FoldValues): BandPoint[] {
  const uniform = seedrandom.alea(`bootstrap/routing-bands/${world.label}/${series.name}`)
  const interval = metricInterval(values, world.routing.folds, uniform)
  if (interval === null) return []
  const { mean, low, high, reached = values.length } = interval
  return [{ x, mean, low, high, of: reached }]
}
