import { NonFiniteError, ShapeError } from '#env/errors.js'
import type { RoutingScore } from '../../store/routing-records.js'
import { averageImprovementInQuality } from './average-quality.js'
import { callPerformanceThreshold } from './call-performance-threshold.js'
import { checkRows } from './check-rows.js'
import { qualityAtFraction } from './curve-bands.js'
import { averagePerformanceGapRecovered } from './performance-gap.js'
import { pricedPoints } from './priced-points.js'
import { qualityAtBudget } from './quality-at-budget.js'
import { type CostQualityPoint, qualityHull } from './quality-hull.js'
import { type ModelOutcomes, routedOutcome } from './routed-outcomes.js'
import { routingCurve } from './routing-curve.js'

/** What a policy did on held-out rows, and what every model did there. Tables are row-major: `row * models + model`. */
export interface RoutedRows {
  /** [M], names */
  readonly models: readonly string[]
  /** [R], index of the model that the policy chose */
  readonly choice: Int32Array
  /** [R * M], the policy's scores of the models, higher is better; null where it has none. */
  readonly scores: Float64Array | null
  /** [R * M], quality of each model's answer */
  readonly quality: Float64Array
  /** [R * M], USD a query; null where costs aren't known. */
  readonly cost: Float64Array | null
  /** Of two models, indices of the weak and the strong one; null with any other number. */
  readonly pair: { readonly weak: number; readonly strong: number } | null
}

/** How `aiq` of a routing score is computed. */
export const aiqVariant =
  'mean height of the non-decreasing convex hull of quality over cost, from the cheapest to the dearest single model'

/** Where budgets lie on the way from the cheapest to the dearest single model. */
export const budgetShares = [0, 0.1, 0.25, 0.5, 1] as const

/** Steps of the curve that figures draw. */
const curveSteps = 50

/**
 * All metrics of one policy on the held-out rows of one fold. With a `pair`: APGR, CPT50, CPT80 (first crossings) and the
 * curve of quality over the share of strong calls, rows ordered by score(strong) - score(weak). Otherwise, with known
 * costs: quality at budgets, rows going to the highest score - penalty * cost. With known costs both have the hull of
 * quality over cost and AIQ (`aiqVariant`).
 *
 * A policy without scores is swept by its choices: score 1 for the model it chose, 0 for the others.
 * @throws ShapeError when there are no rows, lengths don't fit, an index isn't a model, or `pair` doesn't fit the models
 * @throws NonFiniteError when a quality is unknown, or a score or cost isn't finite
 */
export function scoreRouting(input: RoutedRows): RoutingScore {
  checkRoutedRows(input)
  const { models, choice, quality, cost, pair } = input
  const rows = choice.length
  const outcomes: ModelOutcomes = {
    rows,
    models: models.length,
    quality,
    cost: cost ?? new Float64Array(quality.length),
  }
  const single = models.map((_, model) => routedOutcome(outcomes, new Int32Array(rows).fill(model)))
  const own = routedOutcome(outcomes, choice)
  const known = (usd: number): number | null => (cost === null ? null : usd)
  const counts = models.map((_, model) => choice.reduce((count, chosen) => count + (chosen === model ? 1 : 0), 0))
  const scores = input.scores ?? choicesAsScores(choice, models.length)
  const swept = pair === null ? acrossModels(scores, outcomes, single) : betweenTwo(scores, outcomes, single, pair)
  const points = [...swept.points, own]
  return {
    rows,
    accuracy: own.quality,
    cost: known(own.cost),
    chosen: Object.fromEntries(models.map((name, model) => [name, counts[model]! / rows])),
    single: Object.fromEntries(
      models.map((name, model) => [name, { quality: single[model]!.quality, cost: known(single[model]!.cost) }]),
    ),
    ...swept.metrics,
    budgets: cost === null ? null : swept.metrics.budgets,
    hull: cost === null ? null : qualityHull(points),
    aiq: cost === null ? null : averageImprovementInQuality(points, singleModelRange(single)),
  }
}

/** What moving a policy's threshold or price penalty gives. */
interface Swept {
  readonly metrics: Pick<RoutingScore, 'apgr' | 'cpt50' | 'cpt80' | 'curve' | 'budgets'>
  readonly points: readonly CostQualityPoint[]
}

function betweenTwo(
  scores: Float64Array,
  { rows, quality, cost }: ModelOutcomes,
  single: readonly CostQualityPoint[],
  { weak, strong }: { readonly weak: number; readonly strong: number },
): Swept {
  const column = (table: ArrayLike<number>, model: number) =>
    Float64Array.from({ length: rows }, (_, row) => table[row * 2 + model]!)
  const [strongScores, weakScores] = [column(scores, strong), column(scores, weak)]
  const need = strongScores.map((score, row) => score - weakScores[row]!)
  const curve = routingCurve(need, column(quality, weak), column(quality, strong))
  const fine = routingCurve(need, column(quality, weak), column(quality, strong), curveSteps)
  // The same thresholds over costs: each point's mean cost.
  const costs = routingCurve(need, column(cost, weak), column(cost, strong), curveSteps)
  const threshold = (recovered: number) => {
    const fraction = callPerformanceThreshold(curve, recovered)
    return fraction === null ? null : Math.min(fraction, 1)
  }
  return {
    metrics: {
      apgr: averagePerformanceGapRecovered(curve),
      cpt50: threshold(0.5),
      cpt80: threshold(0.8),
      curve: {
        points: curve.points.map((point) => ({ fraction: point.strongFraction, quality: point.quality })),
        quality: Array.from({ length: curveSteps + 1 }, (_, i) => qualityAtFraction(fine, i / curveSteps)),
      },
      budgets: null,
    },
    // Always weak and always strong as summed elsewhere: the range of AIQ begins exactly at one of them.
    points: [...single, ...fine.points.map(({ quality }, i) => ({ cost: costs.points[i]!.quality, quality }))],
  }
}

function acrossModels(scores: Float64Array, outcomes: ModelOutcomes, single: readonly CostQualityPoint[]): Swept {
  const { min, max } = singleModelRange(single)
  const budgets = budgetShares.map((share) => {
    const budget = share === 1 ? max : min + share * (max - min)
    const routed = qualityAtBudget(scores, outcomes, budget)
    return { share, budget, quality: routed?.quality ?? null, cost: routed?.cost ?? null }
  })
  return {
    metrics: { apgr: null, cpt50: null, cpt80: null, curve: null, budgets },
    points: pricedPoints(scores, outcomes),
  }
}

function singleModelRange(single: readonly CostQualityPoint[]): { min: number; max: number } {
  const costs = single.map((point) => point.cost)
  return { min: Math.min(...costs), max: Math.max(...costs) }
}

function choicesAsScores(choice: Int32Array, models: number): Float64Array {
  const scores = new Float64Array(choice.length * models)
  choice.forEach((model, row) => {
    scores[row * models + model] = 1
  })
  return scores
}

function checkRoutedRows({ models, choice, scores, quality, cost, pair }: RoutedRows): void {
  const where = 'scoreRouting'
  if (models.length === 0) throw new ShapeError(`${where}: expected at least one model, got none`)
  const size = choice.length * models.length
  const unknown = quality.length === size ? quality.findIndex(Number.isNaN) : -1
  if (unknown >= 0) {
    const row = Math.floor(unknown / models.length)
    throw new NonFiniteError(
      `${where}: the quality of "${models[unknown % models.length]}" in row ${row} is unknown (NaN); score only rows whose outcomes are all known`,
    )
  }
  checkRows(where, size, { quality, ...(scores === null ? {} : { scores }), ...(cost === null ? {} : { cost }) })
  if (pair === null) return
  const indices = [pair.weak, pair.strong].sort()
  if (models.length !== 2 || indices[0] !== 0 || indices[1] !== 1) {
    throw new ShapeError(
      `${where}: a pair takes two models and the indices 0 and 1, got ${models.length} models, weak ${pair.weak} and strong ${pair.strong}; pass null with more models`,
    )
  }
}
