import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { Plan, PlanOptions } from './planner.js'
import { inTieOrder } from './tie-order.js'
import { unitTime } from './unit-time.js'

/**
 * Plans on the model without times; the answer is about the model's own states.
 * @param plan - which checks its model and options; it is told those of the model without times
 * @throws ShapeError or ModelError for a broken model with times
 */
export function planInUnitTime(
  mdp: TabularMdp,
  options: PlanOptions,
  plan: (mdp: TabularMdp, options: PlanOptions) => Plan,
): Plan {
  if (mdp.elapsed === undefined) return inTieOrder(mdp, options.discount, plan(mdp, options))
  checkMdp(mdp)
  const unit = unitTime(mdp, options.discount)
  const found = ofStates(plan(unit.mdp, { ...options, discount: unit.discount }), mdp.numStates)
  return inTieOrder(mdp, options.discount, found)
}

/** What a plan says of the first states. */
export function ofStates(plan: Plan, numStates: number): Plan {
  return {
    ...plan,
    value: plan.value.subarray(0, numStates),
    policy: plan.policy.subarray(0, numStates),
    lower: plan.lower.subarray(0, numStates),
    upper: plan.upper.subarray(0, numStates),
  }
}
