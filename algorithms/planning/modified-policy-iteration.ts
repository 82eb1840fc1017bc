/**
 * Modified policy iteration (Puterman and Shin 1978; Puterman 1994, section 6.5): between two improvements the value of
 * the policy is approached by a few sweeps of its own rows, which cost a fraction 1 / A of a sweep over all actions.
 *
 * The order (how many such sweeps) adapts, as section 6.5 of the book allows: until the span of a sweep's changes is a
 * tenth of the improvement's, at most 100. The stop and the bounds are those of value iteration (optimality-sweep.ts).
 * Convergence from value 0: adding a constant to every state, terminal ones taken as absorbing, changes no policy and fades
 * as gamma^k, so the condition L v >= v of the theorem is no loss.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { expectation } from './expectation.js'
import { boundedPlan, checkResolution, corrections, limitReached, sweep } from './optimality-sweep.js'
import { checkDiscounted, type Plan, type Planner, type PlanOptions } from './planner.js'
import { PolicyRows } from './policy-rows.js'

const MAX_ORDER = 100
const FRACTION = 0.1

/**
 * The optimal values and an epsilon-optimal policy by modified policy iteration; `iterations` are improvements, at most
 * 100,000 unless told otherwise.
 * @throws ModelError when the discount isn't in [0, 1), epsilon isn't positive or the model is broken
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function modifiedPolicyIteration(mdp: TabularMdp, options: PlanOptions): Plan {
  const { discount, epsilon, maxIterations = 100_000 } = options
  const precision = checkDiscounted('modifiedPolicyIteration', mdp, options)
  const rows = new PolicyRows(mdp)
  let value: Float64Array = new Float64Array(mdp.numStates)
  let next: Float64Array = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    sweep(mdp, discount, value, next, policy)
    const found = corrections(mdp, discount, precision, value, next)
    if (found.above - found.below <= epsilon) {
      return boundedPlan(mdp, next, found, policy, iterations, modifiedPolicyIterationPlanner.name)
    }
    checkResolution('modifiedPolicyIteration', options, found.resolution)
    const target = FRACTION * spanOfChange(value, next)
    rows.follow(policy)
    ;[value, next] = [next, value]
    for (let order = 0; order < MAX_ORDER; order++) {
      evaluationSweep(rows, discount, value, next)
      const span = spanOfChange(value, next)
      ;[value, next] = [next, value]
      if (span <= target) break
    }
  }
  throw limitReached('modifiedPolicyIteration', options, maxIterations, 'improvements')
}

/** `modifiedPolicyIteration` behind the contract. */
export const modifiedPolicyIterationPlanner: Planner = {
  name: 'modified-policy-iteration',
  plan: modifiedPolicyIteration,
}

/** next = r + gamma P value on the policy's rows. */
function evaluationSweep(rows: PolicyRows, discount: number, value: Float64Array, next: Float64Array): void {
  const { first, next: to, probability, reward } = rows
  for (let s = 0; s < next.length; s++) {
    next[s] = reward[s]! + discount * expectation(probability, to, value, first[s]!, first[s + 1]!)
  }
}

function spanOfChange(value: Float64Array, next: Float64Array): number {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let s = 0; s < next.length; s++) {
    const change = next[s]! - value[s]!
    if (change < least) least = change
    if (change > most) most = change
  }
  return most - least
}
