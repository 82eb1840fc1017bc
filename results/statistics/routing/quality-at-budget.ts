import { ShapeError } from '#env/errors.js'
import type { CostQualityPoint } from './quality-hull.js'
import { chooseAtPenalty, type ModelOutcomes, routedOutcome } from './routed-outcomes.js'

/** A router's choices under a budget, and what they came to. */
export interface BudgetedRouting extends CostQualityPoint {
  /** Quality given up per unit of cost that keeps the budget; 0 where the budget doesn't bind. */
  readonly penalty: number
  /** [rows], model numbers */
  readonly choice: Int32Array
}

/**
 * Quality of a router of any number of models when the mean cost of a query is limited. Queries go to the model of the
 * highest score - penalty * cost (the Lagrangian of the constrained choice), with the least penalty that keeps the budget:
 * mean cost never rises with the penalty, so it is found by bisection. It is set by scores and costs alone; the outcomes
 * only say what the choices were worth. What the budget leaves over between two steps stays unspent.
 * @param scores - [rows * models], expected quality
 * @param budget - mean cost per query, in the unit of the costs
 * @returns null where even the cheapest model of every row is dearer than the budget
 * @throws ShapeError when lengths don't fit or the budget is NaN
 * @throws NonFiniteError when a number is NaN or infinite
 */
export function qualityAtBudget(
  scores: ArrayLike<number>,
  outcomes: ModelOutcomes,
  budget: number,
): BudgetedRouting | null {
  if (Number.isNaN(budget)) throw new ShapeError('qualityAtBudget: expected a budget, got NaN')
  const at = (penalty: number): BudgetedRouting => {
    const choice = chooseAtPenalty(scores, outcomes, penalty)
    return { penalty, choice, ...routedOutcome(outcomes, choice) }
  }
  const free = at(0)
  if (free.cost <= budget) return free
  let high = at(1)
  // A penalty beyond which scores no longer count; doubling passes it whatever the units are.
  while (high.cost > budget) {
    if (high.penalty > 1e300) return null
    high = at(high.penalty * 1024)
  }
  let low = 0
  for (let step = 0; step < 100 && high.penalty - low > 1e-12 * high.penalty; step++) {
    const middle = at((low + high.penalty) / 2)
    if (middle.cost <= budget) high = middle
    else low = middle.penalty
  }
  return high
}
