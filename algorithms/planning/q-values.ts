import { ShapeError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { expectation } from './expectation.js'
import { timedProbabilities } from './unit-time.js'

/**
 * Q(s, a) = r(s, a) + gamma * sum over s' of P(s' | s, a) value(s'); where outcomes take time, gamma^time each.
 * @param value - f64 [S], reward units
 * @returns f64 [S * A]; -Infinity where the action is illegal
 * @throws ShapeError when `value` isn't one number a state
 */
export function qValues(mdp: TabularMdp, value: Float64Array, discount: number): Float64Array {
  if (value.length !== mdp.numStates) {
    throw new ShapeError(`qValues: expected ${mdp.numStates} values, got ${value.length}`)
  }
  const { rowStart, successor, reward } = mdp
  const { discount: gamma, probability } = timedProbabilities(mdp, discount)
  const q = new Float64Array(reward.length).fill(Number.NEGATIVE_INFINITY)
  for (let row = 0; row < reward.length; row++) {
    const from = rowStart[row]!
    const to = rowStart[row + 1]!
    if (from === to) continue
    q[row] = reward[row]! + gamma * expectation(probability, successor, value, from, to)
  }
  return q
}

/**
 * The action of highest value in each state; ties to the lowest index.
 * @param q - f64 [S * A], illegal actions -Infinity
 * @returns i32 [S]; -1 where no action is legal (terminal states)
 * @throws ShapeError when `q` isn't one number a state and action
 */
export function greedy(mdp: TabularMdp, q: Float64Array): Int32Array {
  const { numStates, numActions } = mdp
  if (q.length !== numStates * numActions) {
    throw new ShapeError(`greedy: expected ${numStates} x ${numActions} values, got ${q.length}`)
  }
  const policy = new Int32Array(numStates).fill(-1)
  for (let s = 0; s < numStates; s++) {
    let best = Number.NEGATIVE_INFINITY
    for (let a = 0; a < numActions; a++) {
      const value = q[s * numActions + a]!
      if (value > best) {
        best = value
        policy[s] = a
      }
    }
  }
  return policy
}
