/**
 * Gauss-Seidel value iteration (Puterman 1994, section 6.3.3): a sweep uses each new value at once.
 *
 * The bounds of Jacobi sweeps don't hold for its changes, so it stops on their sup norm: after a sweep that changed no
 * value by more than delta, a Jacobi sweep changes none by more than gamma delta, which makes the distance between the
 * bounds of MacQueen at most 2 gamma^2 delta / (1 - gamma) and rounding. That sweep is done, and gives the bounds
 * (optimality-sweep.ts); should rounding keep them above epsilon, sweeping goes on.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { expectation } from './expectation.js'
import { boundedPlan, checkResolution, corrections, limitReached, sweep } from './optimality-sweep.js'
import { checkDiscounted, type Plan, type Planner, type PlanOptions } from './planner.js'

/**
 * The optimal values and an epsilon-optimal policy by Gauss-Seidel sweeps in the order of the states; `iterations` are
 * sweeps, at most 1,000,000 unless told otherwise.
 * @throws ModelError when the discount isn't in [0, 1), epsilon isn't positive or the model is broken
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function gaussSeidelValueIteration(mdp: TabularMdp, options: PlanOptions): Plan {
  const { discount, epsilon, maxIterations = 1_000_000 } = options
  const precision = checkDiscounted('gaussSeidelValueIteration', mdp, options)
  const value = new Float64Array(mdp.numStates)
  const next = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  const ratio = discount * precision.maxRowSum
  let target = (0.5 * epsilon * (1 - ratio)) / (ratio * ratio)
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    if (sweepInPlace(mdp, discount, value) > target) continue
    sweep(mdp, discount, value, next, policy)
    const found = corrections(mdp, discount, precision, value, next)
    if (found.above - found.below <= epsilon) {
      return boundedPlan(mdp, next, found, policy, iterations, gaussSeidelPlanner.name)
    }
    checkResolution('gaussSeidelValueIteration', options, found.resolution)
    target *= 0.5
  }
  throw limitReached('gaussSeidelValueIteration', options, maxIterations, 'sweeps')
}

/** `gaussSeidelValueIteration` behind the contract. */
export const gaussSeidelPlanner: Planner = { name: 'gauss-seidel', plan: gaussSeidelValueIteration }

/** value[s] <- (L value)[s] in the order of s; returns the largest change. */
function sweepInPlace(mdp: TabularMdp, discount: number, value: Float64Array): number {
  const { numStates, numActions, rowStart, successor, probability, reward, terminal } = mdp
  let largest = 0
  for (let s = 0, row = 0; s < numStates; s++) {
    let best = Number.NEGATIVE_INFINITY
    for (let a = 0; a < numActions; a++, row++) {
      const from = rowStart[row]!
      const to = rowStart[row + 1]!
      if (from === to) continue
      const q = reward[row]! + discount * expectation(probability, successor, value, from, to)
      if (q > best) best = q
    }
    if (terminal[s] === 1) continue
    const change = Math.abs(best - value[s]!)
    if (change > largest) largest = change
    value[s] = best
  }
  return largest
}
