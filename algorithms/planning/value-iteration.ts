/**
 * Value iteration by Jacobi sweeps with the span stop (Puterman 1994, section 6.6.3): sweeping stops when the distance
 * between the bounds of MacQueen (optimality-sweep.ts) is at most epsilon. Deviations: none but those of the bounds.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { boundedPlan, checkResolution, corrections, limitReached, sweep } from './optimality-sweep.js'
import { planInUnitTime } from './plan-in-unit-time.js'
import { checkDiscounted, type Plan, type Planner, type PlanOptions } from './planner.js'
import type { ModelPrecision } from './rounding.js'

/** Most sweeps unless told otherwise. */
export const MAX_SWEEPS = 1_000_000

/** The options of every planner. */
export type ValueIterationOptions = PlanOptions

/** The answer of every planner; `iterations` are sweeps. */
export type ValueIterationResult = Plan

/**
 * The optimal values and an epsilon-optimal policy of a finite discounted model. At most 1,000,000 sweeps unless told
 * otherwise.
 * @throws ModelError when the discount isn't in [0, 1), epsilon isn't positive or the model is broken
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function valueIteration(mdp: TabularMdp, options: PlanOptions): Plan {
  return planInUnitTime(mdp, options, (mdp, options) => {
    const precision = checkDiscounted('valueIteration', mdp, options)
    return valueIterationFrom('valueIteration', mdp, options, precision, new Float64Array(mdp.numStates), 0)
  })
}

/**
 * Sweeps on from any values, for planners that found them some other way.
 * @param where - the planner, for messages
 * @param mdp - without times
 * @param precision - of the model, which has passed its checks
 * @param from - f64 [S], reward units, terminal states 0; changed
 * @param swept - sweeps that have gone into `from`; they count toward the limit and in the answer
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function valueIterationFrom(
  where: string,
  mdp: TabularMdp,
  options: PlanOptions,
  precision: ModelPrecision,
  from: Float64Array,
  swept: number,
): Plan {
  const { discount, epsilon, maxIterations = MAX_SWEEPS } = options
  let value = from
  let next: Float64Array = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  for (let iterations = swept + 1; iterations <= maxIterations; iterations++) {
    sweep(mdp, discount, value, next, policy)
    const found = corrections(discount, precision, value, next)
    if (found.above - found.below <= epsilon) {
      return boundedPlan(mdp, next, found, policy, iterations, valueIterationPlanner.name)
    }
    checkResolution(where, options, found.resolution)
    ;[value, next] = [next, value]
  }
  throw limitReached(where, options, maxIterations, 'sweeps')
}

/** `valueIteration` behind the contract. */
export const valueIterationPlanner: Planner = { name: 'value-iteration', plan: valueIteration }
