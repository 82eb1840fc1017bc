import { ShapeError } from '#env/errors.js'
import { mean } from '../mean.js'
import { checkRows } from './check-rows.js'

/** One operating point of a router between a weak and a strong model. */
export interface RoutingPoint {
  /** Share of the queries that the strong model answers, in [0, 1]. */
  readonly strongFraction: number
  /** Mean quality of the answers over all queries, in the unit of the outcomes. */
  readonly quality: number
}

/** What a router reaches as its threshold moves, between always weak and always strong. */
export interface RoutingCurve {
  /** Ascending in `strongFraction`; the first is always weak (0), the last always strong (1). */
  readonly points: readonly RoutingPoint[]
  /** Mean quality of the weak model alone. */
  readonly weak: number
  /** Mean quality of the strong model alone. */
  readonly strong: number
}

/**
 * The curve of a two-model router as RouteLLM draws it (Ong et al. 2024, arXiv 2406.18665, section 3.2 and its evaluation
 * code): thresholds are the edges of `bins` quantile bins of the router's own scores on these rows; a query goes to the
 * strong model where its score >= the edge, at the last edge where it is > it.
 *
 * Edges between two scores are interpolated there; no score lies strictly between neighbours, so the higher neighbour
 * selects the same rows and is what is compared here. Only the order of the scores matters, exactly. Deviation: edges that
 * coincide, where many scores are tied, give the same point again instead of being refused.
 * @param scores - [n] finite; higher means stronger need for the strong model
 * @param weak - [n] quality of the weak model's answers
 * @param strong - [n] quality of the strong model's answers
 * @param bins - quantile bins, >= 1; bins + 1 points come back
 * @throws ShapeError when lengths differ, there are no rows or bins isn't a positive whole number
 * @throws NonFiniteError when a number is NaN or infinite
 */
export function routingCurve(
  scores: ArrayLike<number>,
  weak: ArrayLike<number>,
  strong: ArrayLike<number>,
  bins = 10,
): RoutingCurve {
  const n = scores.length
  checkRows('routingCurve', n, { scores, weak, strong })
  if (!Number.isInteger(bins) || bins < 1) {
    throw new ShapeError(`routingCurve: expected a whole number of bins >= 1, got ${bins}`)
  }
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  // qualityAbove[k]: sum of qualities when the k rows of the lowest scores go to the weak model.
  const sum = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) sum[0]! += strong[i]!
  for (let k = 0; k < n; k++) sum[k + 1] = sum[k]! + weak[order[k]!]! - strong[order[k]!]!
  const point = (weakRows: number): RoutingPoint => ({
    strongFraction: (n - weakRows) / n,
    quality: sum[weakRows]! / n,
  })
  const points = [point(n)]
  for (let edge = bins - 1; edge >= 0; edge--) {
    // The first row whose score equals that of the edge: ties go to the strong model together.
    let first = Math.ceil((edge * (n - 1)) / bins)
    const score = scores[order[first]!]!
    while (first > 0 && scores[order[first - 1]!] === score) first--
    points.push(point(first))
  }
  return { points, weak: mean(weak), strong: mean(strong) }
}
