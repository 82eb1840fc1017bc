/**
 * Value iteration with the span stop (Puterman 1994, section 6.6.3) and the bounds of MacQueen (1966).
 *
 * Let v' = L v be one Jacobi sweep, d = v' - v, and `policy` the maximising actions of that sweep. As P is monotone,
 * adding up gamma^k P^k d over k >= 1 gives, with c = gamma / (1 - gamma),
 *
 *   v' + c min d  <=  V^policy  <=  V*  <=  v' + c max d,
 *
 * so the policy is within c * span(d) of optimal. A terminal state is absorbing, with reward and value 0: it takes part
 * with d = 0, and its own bounds are 0. Sweeping stops when the distance between the bounds is at most epsilon.
 *
 * Deviations from the book: the bounds are widened by what f64 rounds (planning/rounding.ts) and by row sums that miss 1:
 * a sweep off by at most e moves min d, max d and v' by e each, together e / (1 - gamma) on each side.
 */
import { IterationLimitError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { checkDiscount, checkEpsilon } from './discount.js'
import { expectation } from './expectation.js'
import { backupError, largestSize, type ModelPrecision, measurePrecision } from './rounding.js'

export interface ValueIterationOptions {
  /** gamma, in [0, 1). */
  readonly discount: number
  /** How far from optimal the policy may be, in every state; reward units, > 0. */
  readonly epsilon: number
  /** Most sweeps. Default 1,000,000. */
  readonly maxIterations?: number
}

/** Per-state arrays, [S], reward units. */
export interface ValueIterationResult {
  /** The middle of the bounds: within epsilon / 2 of V*. */
  readonly value: Float64Array
  /** i32, epsilon-optimal from every state; -1 in terminal states. */
  readonly policy: Int32Array
  /** lower <= V^policy <= V* <= upper. */
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** Sweeps done. */
  readonly iterations: number
}

/**
 * The optimal values and an epsilon-optimal policy of a finite discounted model.
 * @throws ModelError when the discount isn't in [0, 1) or epsilon isn't positive
 * @throws IterationLimitError when the limit is hit, or f64 can't certify so small an epsilon
 */
export function valueIteration(mdp: TabularMdp, options: ValueIterationOptions): ValueIterationResult {
  const { discount, epsilon, maxIterations = 1_000_000 } = options
  checkDiscount('valueIteration', discount)
  checkEpsilon('valueIteration', epsilon)
  const precision = measurePrecision(mdp)
  checkDiscount('valueIteration (discount times the largest row sum)', discount * precision.maxRowSum)

  let value: Float64Array = new Float64Array(mdp.numStates)
  let next: Float64Array = new Float64Array(mdp.numStates)
  const policy = new Int32Array(mdp.numStates).fill(-1)
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const rounding = backupError(precision, discount, largestSize(value))
    sweep(mdp, discount, value, next, policy)
    const { below, above, resolution } = corrections(mdp, discount, precision, value, next, rounding)
    if (above - below <= epsilon) return bounded(mdp, next, below, above, policy, iterations)
    if (resolution > epsilon) {
      throw new IterationLimitError(
        `valueIteration: expected bounds within epsilon ${epsilon}, but rounding in f64 alone leaves ${resolution.toExponential(1)} here; ask for a larger epsilon`,
      )
    }
    ;[value, next] = [next, value]
  }
  throw new IterationLimitError(
    `valueIteration: expected bounds within epsilon ${epsilon} after at most ${maxIterations} sweeps; allow more sweeps, or a larger epsilon`,
  )
}

/** next = L value, and the maximising actions; ties to the lowest index. */
function sweep(mdp: TabularMdp, discount: number, value: Float64Array, next: Float64Array, policy: Int32Array): void {
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

/** What to add to v' for the lower and the upper bound, and how much of their distance is rounding. */
function corrections(
  mdp: TabularMdp,
  discount: number,
  precision: ModelPrecision,
  value: Float64Array,
  next: Float64Array,
  rounding: number,
): { below: number; above: number; resolution: number } {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let s = 0; s < mdp.numStates; s++) {
    const difference = next[s]! - value[s]!
    if (difference < least) least = difference
    if (difference > most) most = difference
  }
  least -= rounding
  most += rounding
  // Sums of (gamma * row sum)^k over k >= 1; mass that a row lacks, or that ended, contributes nothing.
  const few = discount * precision.minRowSum
  const many = discount * precision.maxRowSum
  const series = (ratio: number) => ratio / (1 - ratio)
  return {
    below: least * series(least < 0 ? many : few) - rounding,
    above: most * series(most > 0 ? many : few) + rounding,
    resolution: (2 * rounding) / (1 - many),
  }
}

function bounded(
  mdp: TabularMdp,
  next: Float64Array,
  below: number,
  above: number,
  policy: Int32Array,
  iterations: number,
): ValueIterationResult {
  const live = (s: number) => mdp.terminal[s] === 0
  const centre = (below + above) / 2
  return {
    value: next.map((v, s) => (live(s) ? v + centre : 0)),
    policy,
    lower: next.map((v, s) => (live(s) ? v + below : 0)),
    upper: next.map((v, s) => (live(s) ? v + above : 0)),
    iterations,
  }
}
