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
import { type RowValues, rowValuesOf } from './row-values.js'

/** Rows whose values are found at a time: what is written fits the fastest cache. */
const BLOCK_ROWS = 2048

/**
 * Jacobi sweeps of the optimality operator of a model and of its policies. Each value comes from the old ones alone, so that
 * a sweep gives the same bits on however many threads it runs.
 */
export interface PolicySweeps {
  /** [S] zeros, which its sweeps can read and write. */
  newValues(): Float64Array
  /** i32 [S], all -1. */
  newPolicy(): Int32Array
  /** next = L value, and the actions that attain it; ties to the lowest index. Terminal entries are left alone. */
  optimal(value: Float64Array, next: Float64Array, policy: Int32Array): void
  /** next = r + gamma P value on a policy's rows. Terminal entries are left alone. */
  ofPolicy(value: Float64Array, next: Float64Array, policy: Int32Array): void
}

/** Sweeps on this thread, over all states or a range of them. */
export class JacobiSweeps implements PolicySweeps {
  readonly #mdp: TabularMdp
  readonly #discount: number
  readonly #rowValues: RowValues
  readonly #blockStates: number
  /** f64, Q of a block of rows. */
  readonly #q: Float64Array

  constructor(mdp: TabularMdp, discount: number) {
    this.#mdp = mdp
    this.#discount = discount
    this.#rowValues = rowValuesOf(mdp)
    this.#blockStates = Math.max(1, Math.floor(BLOCK_ROWS / mdp.numActions))
    this.#q = new Float64Array(this.#blockStates * mdp.numActions)
  }

  newValues(): Float64Array {
    return new Float64Array(this.#mdp.numStates)
  }

  newPolicy(): Int32Array {
    return new Int32Array(this.#mdp.numStates).fill(-1)
  }

  optimal(value: Float64Array, next: Float64Array, policy: Int32Array, from = 0, to = this.#mdp.numStates): void {
    const { numActions, terminal } = this.#mdp
    const q = this.#q
    for (let begin = from; begin < to; begin += this.#blockStates) {
      const end = Math.min(to, begin + this.#blockStates)
      this.#rowValues(this.#mdp, this.#discount, value, begin * numActions, end * numActions, q)
      for (let s = begin, row = 0; s < end; s++) {
        let best = Number.NEGATIVE_INFINITY
        let action = -1
        for (let a = 0; a < numActions; a++, row++) {
          if (q[row]! > best) {
            best = q[row]!
            action = a
          }
        }
        if (terminal[s] === 1) continue
        next[s] = best
        policy[s] = action
      }
    }
  }

  ofPolicy(value: Float64Array, next: Float64Array, policy: Int32Array, from = 0, to = this.#mdp.numStates): void {
    const { numActions, rowStart, successor, probability, reward, terminal } = this.#mdp
    const discount = this.#discount
    for (let s = from; s < to; s++) {
      if (terminal[s] === 1) continue
      const row = s * numActions + policy[s]!
      const sum = expectation(probability, successor, value, rowStart[row]!, rowStart[row + 1]!)
      next[s] = reward[row]! + discount * sum
    }
  }
}

/**
 * next = L value, and the actions that attain it, once; ties to the lowest index.
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
  new JacobiSweeps(mdp, discount).optimal(value, next, policy)
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

/** The least and the most that a sweep changed; what was left alone, such as terminal states, by 0. */
export interface Change {
  readonly least: number
  readonly most: number
}

/** @param value - [S]; @param next - [S] */
export function changeOf(value: Float64Array, next: Float64Array): Change {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let s = 0; s < next.length; s++) {
    const difference = next[s]! - value[s]!
    if (difference < least) least = difference
    if (difference > most) most = difference
  }
  return { least, most }
}

/**
 * The corrections that a sweep proves.
 * @param value - [S], v
 * @param next - [S], v'
 * @param tie - how much less than the maximum the policy's actions may attain
 */
export function corrections(
  discount: number,
  precision: ModelPrecision,
  value: Float64Array,
  next: Float64Array,
  tie = 0,
): Corrections {
  const { least, most } = changeOf(value, next)
  const rounding = backupError(precision, discount, largestSize(value))
  const slack = rounding + tie
  const low = least - slack
  const high = most + rounding
  // Sums of (gamma * row sum)^k over k >= 1; mass that a row lacks, or that ended, contributes nothing.
  const few = discount * precision.minRowSum
  const many = discount * precision.maxRowSum
  const series = (ratio: number) => ratio / (1 - ratio)
  return {
    below: low * series(low < 0 ? many : few) - slack,
    above: high * series(high > 0 ? many : few) + rounding,
    resolution: (rounding + slack) / (1 - many),
  }
}

/**
 * The plan whose bounds are `next` and the corrections; terminal states 0.
 * A large model has no memory to spare, so arrays that aren't needed any more become the answer's.
 * @param next - f64 [S], written over
 * @param spare - f64 [S] each, written over
 */
export function boundedPlan(
  mdp: TabularMdp,
  next: Float64Array,
  { below, above }: Corrections,
  policy: Int32Array,
  iterations: number,
  method: string,
  spare: readonly Float64Array[] = [],
): Plan {
  const { numStates, terminal } = mdp
  const centre = (below + above) / 2
  const room = [next, ...spare]
  const array = (k: number) => room[k] ?? new Float64Array(numStates)
  const [lower, value, upper] = [array(0), array(1), array(2)]
  for (let s = 0; s < numStates; s++) {
    const v = next[s]!
    const live = terminal[s] === 0
    value[s] = live ? v + centre : 0
    upper[s] = live ? v + above : 0
    lower[s] = live ? v + below : 0
  }
  return { value, policy, lower, upper, iterations, method }
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
