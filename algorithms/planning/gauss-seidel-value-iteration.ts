/**
 * Gauss-Seidel value iteration (Puterman 1994, section 6.3.3): a sweep uses each new value at once.
 *
 * The bounds of Jacobi sweeps don't hold for its changes, so it stops on their sup norm: after a sweep that changed no
 * value by more than delta, a Jacobi sweep changes none by more than gamma delta, which makes the distance between the
 * bounds of MacQueen at most 2 gamma^2 delta / (1 - gamma) and rounding. That sweep is done, and gives the bounds
 * (optimality-sweep.ts); should rounding keep them above epsilon, sweeping goes on.
 *
 * Deviations from the book: sweeps alternate in direction. And as a constant error fades by 1 - gamma a sweep only, however
 * fast a model mixes, every few sweeps two Jacobi sweeps look for one and take it off (`addConstant`): the first levels out that
 * early and late states of a Gauss-Seidel sweep differ, the second measures.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { addConstant, type Direction, improveInPlace, raiseLive } from './gauss-seidel-sweep.js'
import { boundedPlan, changeOf, checkResolution, corrections, JacobiSweeps, limitReached } from './optimality-sweep.js'
import { checkDiscounted, type Plan, type Planner, type PlanOptions } from './planner.js'

/** Two Jacobi sweeps follow so many sweeps that haven't settled. */
const JACOBI_EVERY = 6

/**
 * The optimal values and an epsilon-optimal policy by Gauss-Seidel sweeps, forward and backward in turns; `iterations` are
 * those sweeps, at most 1,000,000 unless told otherwise.
 * @throws ModelError when the discount isn't in [0, 1), epsilon isn't positive or the model is broken
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function gaussSeidelValueIteration(mdp: TabularMdp, options: PlanOptions): Plan {
  const { discount, epsilon, maxIterations = 1_000_000 } = options
  const precision = checkDiscounted('gaussSeidelValueIteration', mdp, options)
  const jacobi = new JacobiSweeps(mdp, discount)
  let value = new Float64Array(mdp.numStates)
  let next = new Float64Array(mdp.numStates)
  const policy = jacobi.newPolicy()
  // From below, what a sweep finds stays found; values too high would fade by gamma a sweep only.
  jacobi.optimal(value, next, policy)
  const first = changeOf(value, next)
  ;[value, next] = [next, value]
  if (first.least < 0) raiseLive(mdp, value, (first.least * discount) / (1 - discount))
  const ratio = discount * precision.maxRowSum
  let target = (0.5 * epsilon * (1 - ratio)) / (ratio * ratio)
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const direction: Direction = iterations % 2 === 1 ? 'forward' : 'backward'
    const settled = improveInPlace(mdp, discount, value, policy, direction).largest <= target
    if (!settled && iterations % JACOBI_EVERY !== 0) continue
    if (!settled) {
      jacobi.optimal(value, next, policy)
      ;[value, next] = [next, value]
    }
    jacobi.optimal(value, next, policy)
    const found = corrections(discount, precision, value, next)
    if (found.above - found.below <= epsilon) {
      return boundedPlan(mdp, next, found, policy, iterations, gaussSeidelPlanner.name)
    }
    checkResolution('gaussSeidelValueIteration', options, found.resolution)
    if (settled) target *= 0.5
    const { least, most } = changeOf(value, next)
    ;[value, next] = [next, value]
    addConstant(mdp, discount, value, least, most)
  }
  throw limitReached('gaussSeidelValueIteration', options, maxIterations, 'sweeps')
}

/** `gaussSeidelValueIteration` behind the contract. */
export const gaussSeidelPlanner: Planner = { name: 'gauss-seidel', plan: gaussSeidelValueIteration }
