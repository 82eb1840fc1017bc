import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { OccupancySolver } from '../occupancy.js'
import { PolicyChain } from '../policy-chain.js'
import { qValues } from '../q-values.js'
import { valueIteration } from '../value-iteration.js'
import type { LocalDecisions } from './local-decisions.js'

/**
 * The team's optimum seen through each agent's eyes: for every observation the action a with the highest sum over states
 * of d*(s) Q*(s, a with the others at their optimum), d* being the optimal policy's discounted occupancy. A start for
 * ascent, with no guarantee of its own; ties to the lowest action.
 * @returns one table an agent, i32 [numObservations]
 */
export function projectedTables(mdp: JointMdp, decisions: readonly LocalDecisions[], discount: number): Int32Array[] {
  const { value, policy } = valueIteration(mdp, { discount, epsilon: accuracy(mdp, discount) })
  const q = qValues(mdp, value, discount)
  const chain = new PolicyChain(mdp, discount)
  chain.followActions(policy)
  const visits = new OccupancySolver().solve(chain, 1e-6)
  return decisions.map(({ numActions, stride, first, stateOf, legal }) =>
    Int32Array.from(legal, (actions, o) => {
      const worth = (action: number) => {
        let sum = 0
        for (let k = first[o]!; k < first[o + 1]!; k++) {
          const s = stateOf[k]!
          const own = Math.floor(policy[s]! / stride) % numActions
          sum += visits[s]! * q[s * mdp.numActions + policy[s]! + (action - own) * stride]!
        }
        return sum
      }
      return actions.reduce((best, action) => (worth(action) > worth(best) ? action : best))
    }),
  )
}

/** Far finer than differences that matter, and within reach of f64: 1e-6 of the largest value there can be. */
function accuracy(mdp: JointMdp, discount: number): number {
  const largest = mdp.reward.reduce((max, r) => Math.max(max, Math.abs(r)), 0)
  return Math.max(1e-9, (1e-6 * largest) / (1 - discount))
}
