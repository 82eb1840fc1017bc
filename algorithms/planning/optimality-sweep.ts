/**
 * One sweep of the optimality operator L, and what it proves: the bounds of MacQueen (1966).
 *
 * Let v' = L v be one Jacobi sweep from any v, d = v' - v, and `policy` the maximising actions of that sweep. As P is
 * monotone, adding up gamma^k P^k d over k >= 1 gives, with c = gamma / (1 - gamma),
 *
 *   v' + c min d  <=  V^policy  <=  V*  <=  v' + c max d,
 *
 * so the policy is within c * span(d) of optimal. A terminal state is absorbing, with reward and value 0: it takes part
 * with d = 0, and its own bounds are 0. As v is free, every planner may end with such a sweep, however it found v.
 *
 * Deviations from the book: the bounds are widened by what f64 rounds (planning/rounding.ts) and by row sums that miss 1:
 * a sweep off by at most e moves min d, max d and v' by e each, together e / (1 - gamma) on each side. An action kept
 * though another is better by up to `tie` counts as a sweep of the policy that is off by so much.
 */
import { IterationLimitError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { expectation } from './expectation.js'
import type { Plan, PlanOptions } from './planner.js'
import { backupError, largestSize, type ModelPrecision } from './rounding.js'

/**
 * next = L value, and the actions that attain it; ties to the lowest index.
 * @param value - f64 [S], reward units
 * @param next - f64 [S], filled in; terminal entries are left alone
 * @param policy - i32 [S], filled in; terminal entries are left alone
 */
export function sweep(
  mdp: TabularMdp,
  discount: number,
  value: Float64Array,
  next: Float64Array,
  policy: Int32Array,
): void {
  const { numStates, numActions, rowStart, successor, probability, reward } = mdp
  for (let s = 0, row = 0; s < numStates; s++) {
    let best = Number.NEGATIVE_INFINITY
    for (let a = 0; a < numActions; a++, row++) {
      const from = rowStart[row]!
      const to = rowStart[row + 1]!
      if (from === to) continue
      const q = reward[row]! + discount * expectation(probability, successor, value, from, to)
      if (q > best) {
        best = q
        policy[s] = a
      }
    }
    if (mdp.terminal[s] === 0) next[s] = best
  }
}

/**
 * As `sweep`, but the policy's action stays where no other is better by more than `tie`, so that improving it comes to an end.
 * @param policy - i32 [S], a legal action in each state that isn't terminal; improved in place
 * @param tie - reward units, >= 0
 * @returns how many actions changed
 */
export function improve(
  mdp: TabularMdp,
  discount: number,
  value: Float64Array,
  next: Float64Array,
  policy: Int32Array,
  tie: number,
): number {
  const { numStates, numActions, rowStart, successor, probability, reward, terminal } = mdp
  let changed = 0
  for (let s = 0, row = 0; s < numStates; s++) {
    const kept = policy[s]!
    let best = Number.NEGATIVE_INFINITY
    let keptValue = best
    let action = kept
    for (let a = 0; a < numActions; a++, row++) {
      const from = rowStart[row]!
      const to = rowStart[row + 1]!
      if (from === to) continue
      const q = reward[row]! + discount * expectation(probability, successor, value, from, to)
      if (a === kept) keptValue = q
      if (q > best) {
        best = q
        action = a
      }
    }
    if (terminal[s] === 1) continue
    next[s] = best
    if (best - keptValue > tie) {
      policy[s] = action
      changed++
    }
  }
  return changed
}

/** What to add to v' for the lower and the upper bound, and how much of their distance is rounding. Reward units. */
export interface Corrections {
  readonly below: number
  readonly above: number
  readonly resolution: number
}

/**
 * The corrections that a sweep proves.
 * @param value - f64 [S], v
 * @param next - f64 [S], v'
 * @param tie - how much less than the maximum the policy's actions may attain
 */
export function corrections(
  mdp: TabularMdp,
  discount: number,
  precision: ModelPrecision,
  value: Float64Array,
  next: Float64Array,
  tie = 0,
): Corrections {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let s = 0; s < mdp.numStates; s++) {
    const difference = next[s]! - value[s]!
    if (difference < least) least = difference
    if (difference > most) most = difference
  }
  const rounding = backupError(precision, discount, largestSize(value))
  const slack = rounding + tie
  least -= slack
  most += rounding
  // Sums of (gamma * row sum)^k over k >= 1; mass that a row lacks, or that ended, contributes nothing.
  const few = discount * precision.minRowSum
  const many = discount * precision.maxRowSum
  const series = (ratio: number) => ratio / (1 - ratio)
  return {
    below: least * series(least < 0 ? many : few) - slack,
    above: most * series(most > 0 ? many : few) + rounding,
    resolution: (rounding + slack) / (1 - many),
  }
}

/** The plan whose bounds are `next` and the corrections; terminal states 0. */
export function boundedPlan(
  mdp: TabularMdp,
  next: Float64Array,
  { below, above }: Corrections,
  policy: Int32Array,
  iterations: number,
  method: string,
): Plan {
  const live = (s: number) => mdp.terminal[s] === 0
  const centre = (below + above) / 2
  return {
    value: next.map((v, s) => (live(s) ? v + centre : 0)),
    policy,
    lower: next.map((v, s) => (live(s) ? v + below : 0)),
    upper: next.map((v, s) => (live(s) ? v + above : 0)),
    iterations,
    method,
  }
}

/** @throws IterationLimitError when f64 itself keeps the bounds further apart than epsilon */
export function checkResolution(where: string, { epsilon }: PlanOptions, resolution: number): void {
  if (resolution <= epsilon) return
  throw new IterationLimitError(
    `${where}: expected bounds within epsilon ${epsilon}, but rounding in f64 alone leaves ${resolution.toExponential(1)} here; ask for a larger epsilon`,
  )
}

/** The error of a planner that ran out of iterations. @param unit - what it counts, plural */
export function limitReached(
  where: string,
  { epsilon }: PlanOptions,
  limit: number,
  unit: string,
): IterationLimitError {
  return new IterationLimitError(
    `${where}: expected bounds within epsilon ${epsilon} after at most ${limit} ${unit}; allow more ${unit}, or a larger epsilon`,
  )
}
