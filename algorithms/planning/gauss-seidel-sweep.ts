/**
 * Gauss-Seidel sweeps: a new value is used at once, by the states that come later in the sweep. Where values travel far, as
 * in grids, a sweep in the right direction carries them all the way; so sweeps alternate between the two.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { expectation } from './expectation.js'

/** Which state a sweep begins with. */
export type Direction = 'forward' | 'backward'

/** What a sweep over all actions did. */
export interface Improvement {
  /** Largest change of a value, reward units. */
  readonly largest: number
  /** How many actions of the policy changed. */
  readonly actions: number
}

/**
 * value[s] <- (L value)[s], state by state, and the actions that attain it; ties to the lowest index.
 * @param value - [S], reward units; terminal entries are left alone
 * @param policy - i32 [S]; terminal entries are left alone
 */
export function improveInPlace(
  mdp: TabularMdp,
  discount: number,
  value: Float64Array,
  policy: Int32Array,
  direction: Direction,
): Improvement {
  const { numStates, numActions, rowStart, successor, probability, reward, terminal } = mdp
  const step = direction === 'forward' ? 1 : -1
  let largest = 0
  let actions = 0
  for (let s = step === 1 ? 0 : numStates - 1; s >= 0 && s < numStates; s += step) {
    if (terminal[s] === 1) continue
    let best = Number.NEGATIVE_INFINITY
    let action = -1
    for (let a = 0, row = s * numActions; a < numActions; a++, row++) {
      const from = rowStart[row]!
      const to = rowStart[row + 1]!
      if (from === to) continue
      const q = reward[row]! + discount * expectation(probability, successor, value, from, to)
      if (q > best) {
        best = q
        action = a
      }
    }
    const change = Math.abs(best - value[s]!)
    if (change > largest) largest = change
    value[s] = best
    if (policy[s] === action) continue
    policy[s] = action
    actions++
  }
  return { largest, actions }
}

/**
 * value[s] <- r + gamma P value on the policy's row, state by state.
 * @param policy - i32 [S], legal in each state that isn't terminal
 * @returns the largest change, reward units
 */
export function evaluateInPlace(
  mdp: TabularMdp,
  discount: number,
  value: Float64Array,
  policy: Int32Array,
  direction: Direction,
): number {
  const { numStates, numActions, rowStart, successor, probability, reward, terminal } = mdp
  const step = direction === 'forward' ? 1 : -1
  let largest = 0
  for (let s = step === 1 ? 0 : numStates - 1; s >= 0 && s < numStates; s += step) {
    if (terminal[s] === 1) continue
    const row = s * numActions + policy[s]!
    const sum = expectation(probability, successor, value, rowStart[row]!, rowStart[row + 1]!)
    const v = reward[row]! + discount * sum
    const change = Math.abs(v - value[s]!)
    if (change > largest) largest = change
    value[s] = v
  }
  return largest
}

/**
 * Moves every value by the constant that a Jacobi sweep has proved to be missing: where it raised all values by `least` or
 * more, gamma / (1 - gamma) times as much is still to come, and the same below. It makes errors smaller, never larger.
 * Sweeps alone remove a constant error by 1 - gamma each.
 */
export function addConstant(mdp: TabularMdp, discount: number, value: Float64Array, least: number, most: number): void {
  const missing = least > 0 ? least : most < 0 ? most : 0
  if (missing === 0) return
  raiseLive(mdp, value, (missing * discount) / (1 - discount))
}

/** Adds a constant to the values of all states that aren't terminal. */
export function raiseLive({ terminal }: TabularMdp, value: Float64Array, constant: number): void {
  for (let s = 0; s < value.length; s++) if (terminal[s] === 0) value[s]! += constant
}
