/**
 * Policy iteration (Howard 1960; Puterman 1994, section 6.4): solve for the value of the policy, improve the policy.
 *
 * Each evaluation is a sparse solve (linear-system.ts) that starts from the last improvement; each improvement is also
 * the sweep whose bounds (optimality-sweep.ts) decide when to stop, so the answer is certified however well the solve went.
 * An action stays unless another is better by more than rounding: among equals the first found is kept, and it ends.
 * Deviation from the book: as a solve has an error, it is made ten times smaller whenever the bounds come no closer.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { LinearSolver } from './linear-system.js'
import { boundedPlan, checkResolution, corrections, improve, limitReached, sweep } from './optimality-sweep.js'
import { planInUnitTime } from './plan-in-unit-time.js'
import { checkDiscounted, type Plan, type Planner, type PlanOptions } from './planner.js'
import { PolicyRows } from './policy-rows.js'
import { backupError, largestSize } from './rounding.js'

/** Evaluations in a row that bring the bounds no closer, after which none will: solves are as good as they can be. */
const STALLS = 20

/**
 * The optimal values and an epsilon-optimal policy by policy iteration; `iterations` are evaluations, at most 10,000 unless
 * told otherwise.
 * @throws ModelError when the discount isn't in [0, 1), epsilon isn't positive or the model is broken
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function policyIteration(mdp: TabularMdp, options: PlanOptions): Plan {
  return planInUnitTime(mdp, options, search)
}

function search(mdp: TabularMdp, options: PlanOptions): Plan {
  const { discount, epsilon, maxIterations = 10_000 } = options
  const precision = checkDiscounted('policyIteration', mdp, options)
  const solver = new LinearSolver('max')
  const rows = new PolicyRows()
  const value = new Float64Array(mdp.numStates)
  const next = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  let tolerance = 0.25 * epsilon * (1 - discount * precision.maxRowSum)
  let closest = Number.POSITIVE_INFINITY
  let stalls = 0
  sweep(mdp, discount, value, next, policy)
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    value.set(next)
    rows.ofPolicy(mdp, policy)
    solver.solve(rows, discount, rows.reward, value, tolerance)
    const tie = 2 * backupError(precision, discount, largestSize(value))
    const changed = improve(mdp, discount, value, next, policy, tie)
    let found = corrections(discount, precision, value, next, tie)
    let distance = found.above - found.below
    if (distance > epsilon && changed === 0) {
      // Where what was kept costs too much of the bounds, the maximising actions themselves have the better ones.
      sweep(mdp, discount, value, next, policy)
      found = corrections(discount, precision, value, next)
      distance = found.above - found.below
      // Not before: a policy on the way may be worth far more, or less, than the best, and round accordingly.
      if (distance > epsilon) checkResolution('policyIteration', options, found.resolution)
    }
    if (distance <= epsilon) return boundedPlan(mdp, next, found, policy, iterations, policyIterationPlanner.name)
    if (distance < closest) {
      closest = distance
      stalls = 0
      continue
    }
    tolerance *= 0.1
    if (++stalls < STALLS) continue
    checkResolution('policyIteration', options, found.resolution)
    throw limitReached('policyIteration', options, iterations, 'evaluations')
  }
  throw limitReached('policyIteration', options, maxIterations, 'evaluations')
}

/** `policyIteration` behind the contract. */
export const policyIterationPlanner: Planner = { name: 'policy-iteration', plan: policyIteration }
