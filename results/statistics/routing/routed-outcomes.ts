import { ShapeError } from '#env/errors.js'
import { checkRows } from './check-rows.js'
import type { CostQualityPoint } from './quality-hull.js'

/** What every model did on every query. Row-major: entry `row * models + model`. */
export interface ModelOutcomes {
  readonly rows: number
  readonly models: number
  /** [rows * models] */
  readonly quality: ArrayLike<number>
  /** [rows * models], any unit of money; what a call costs, as known when the choice is made. */
  readonly cost: ArrayLike<number>
}

/**
 * Mean cost and quality of a choice of model for each row.
 * @param choice - [rows], model numbers
 * @throws ShapeError when lengths don't fit or a choice isn't a model
 * @throws NonFiniteError when a number is NaN or infinite
 */
export function routedOutcome(outcomes: ModelOutcomes, choice: ArrayLike<number>): CostQualityPoint {
  const { rows, models, quality, cost } = outcomes
  checkOutcomes('routedOutcome', outcomes)
  checkRows('routedOutcome', rows, { choice })
  let totalQuality = 0
  let totalCost = 0
  for (let row = 0; row < rows; row++) {
    const model = choice[row]!
    if (!Number.isInteger(model) || model < 0 || model >= models) {
      throw new ShapeError(`routedOutcome: expected a model in 0..${models - 1} for row ${row}, got ${model}`)
    }
    totalQuality += quality[row * models + model]!
    totalCost += cost[row * models + model]!
  }
  return { cost: totalCost / rows, quality: totalQuality / rows }
}

/**
 * The per-query oracle: on each row the best model, the cheapest where several are best. No router does better on the same
 * rows.
 * @returns [rows], model numbers; see `routedOutcome` for what they are worth
 */
export function perQueryOracle(outcomes: ModelOutcomes): Int32Array {
  checkOutcomes('perQueryOracle', outcomes)
  return cheapestBest(outcomes.quality, outcomes, 0)
}

/**
 * On each row the model that maximises score - penalty * cost, the cheapest where several do.
 * @param scores - [rows * models], expected quality
 * @param penalty - quality given up per unit of cost, >= 0
 * @throws ShapeError when lengths don't fit or the penalty is negative
 */
export function chooseAtPenalty(scores: ArrayLike<number>, outcomes: ModelOutcomes, penalty: number): Int32Array {
  checkOutcomes('chooseAtPenalty', outcomes)
  checkRows('chooseAtPenalty', outcomes.rows * outcomes.models, { scores })
  if (!(penalty >= 0)) throw new ShapeError(`chooseAtPenalty: expected a penalty >= 0, got ${penalty}`)
  return cheapestBest(scores, outcomes, penalty)
}

/** @throws ShapeError or NonFiniteError where the tables aren't rows * models finite numbers */
export function checkOutcomes(where: string, { rows, models, quality, cost }: ModelOutcomes): void {
  checkRows(where, rows * models, { quality, cost })
}

function cheapestBest(scores: ArrayLike<number>, { rows, models, cost }: ModelOutcomes, penalty: number): Int32Array {
  const choice = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const first = row * models
    let best = first
    let bestValue = scores[first]! - penalty * cost[first]!
    for (let i = first + 1; i < first + models; i++) {
      const value = scores[i]! - penalty * cost[i]!
      if (value > bestValue || (value === bestValue && cost[i]! < cost[best]!)) {
        best = i
        bestValue = value
      }
    }
    choice[row] = best - first
  }
  return choice
}
