import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { Plan } from './planner.js'
import { qValues } from './q-values.js'

/** Values nearer than this, relative to the larger of them and 1, are taken for equal: the same sum in another order differs by less. */
const TIE = 1e-12

/**
 * The same plan, with the first of the best actions in the model's own order where several are equally good.
 * @returns the plan itself where the model has no such order
 */
export function inTieOrder(mdp: TabularMdp, discount: number, plan: Plan): Plan {
  const { tieOrder, numActions, numStates } = mdp
  if (tieOrder === undefined) return plan
  const q = qValues(mdp, plan.value, discount)
  const policy = plan.policy.slice()
  for (let s = 0; s < numStates; s++) {
    if (policy[s]! < 0) continue
    const first = s * numActions
    const own = q[first + policy[s]!]!
    const near = own - TIE * Math.max(1, Math.abs(own))
    policy[s] = tieOrder.find((a) => q[first + a]! >= near)!
  }
  return { ...plan, policy }
}
