/**
 * The optimum of a factored model, over all its joint actions, by modified policy iteration (Puterman 1994, section 6.5): a sweep
 * over all actions, then sweeps of the policy that it found, mixed (mixed-iteration.ts), until they change a tenth of it. The
 * answer is always a sweep over all actions and MacQueen's bounds (optimality-sweep.ts): however values were found, they hold.
 */
import { IterationLimitError } from '#env/errors.js'
import type { FactoredMdp } from '#env/mdp/factored-mdp.js'
import { checkDiscount, checkEpsilon } from '../discount.js'
import { changeOf, corrections, limitReached } from '../optimality-sweep.js'
import { backupError, largestSize } from '../rounding.js'
import { isReached } from './accuracy.js'
import { FactoredSweeps } from './factored-sweeps.js'
import { MixedIteration } from './mixed-iteration.js'

const WHERE = 'planFactored'
/** An evaluation ends when its changes are this fraction of the improvement's, or after so many sweeps. */
const FRACTION = 0.1
const MAX_ORDER = 60
/** Improvements that a solvable problem doesn't meet. */
const MAX_ITERATIONS = 10_000

export interface FactoredPlanOptions {
  /** gamma, in [0, 1). */
  readonly discount: number
  /** Largest distance of the bounds, reward units, > 0. Default 1e-6. */
  readonly epsilon?: number
  /** Instead: as a share of the largest value; up to 1,000 times as much where f64 resolves less. */
  readonly relative?: number
  /** f64 [S], a first guess of the values, such as those of a model that differs a little. Default 0. */
  readonly initial?: Float64Array
}

/** What planning found. Arrays are per state of the environment, [S], reward units. */
export interface FactoredPlan {
  /** The middle of the bounds: within `error` of V*. */
  readonly value: Float64Array
  /** i32, joint actions that come within 2 `error` of V*, the last choice fastest. */
  readonly policy: Int32Array
  /** V* under the start distribution. */
  readonly start: number
  /** Bound on the error of every value: V* lies in value - error .. value + error, and the policy's value is at least value - error. */
  readonly error: number
  /** Sweeps over all actions. */
  readonly iterations: number
  readonly method: 'factored-policy-iteration'
}

/**
 * @throws ModelError when the discount isn't in [0, 1) or the accuracy isn't positive
 * @throws IterationLimitError when f64 can't certify so small an epsilon
 */
export function planFactored(
  mdp: FactoredMdp,
  { discount, epsilon = 1e-6, relative, initial }: FactoredPlanOptions,
): FactoredPlan {
  checkDiscount(WHERE, discount)
  checkEpsilon(WHERE, relative ?? epsilon)
  const accuracy = relative === undefined ? { distance: epsilon } : { relative }
  const sweeps = new FactoredSweeps(mdp, discount)
  checkDiscount(`${WHERE} (discount times the largest row sum)`, discount * sweeps.precision.maxRowSum)
  const mixed = new MixedIteration(mdp.numStates, discount)
  const value = initial?.slice() ?? new Float64Array(mdp.numStates)
  const next = new Float64Array(mdp.numStates)
  const rows = new Int32Array(mdp.numStates)
  for (let iterations = 1; iterations <= MAX_ITERATIONS; iterations++) {
    sweeps.optimal(value, next, rows)
    const found = corrections(discount, sweeps.precision, value, next)
    if (isReached(WHERE, accuracy, next, found)) {
      const centre = (found.below + found.above) / 2
      for (let s = 0; s < next.length; s++) next[s]! += centre
      return {
        value: next,
        policy: rows.map((row) => mdp.action[row]!),
        start: mdp.start.reduce((sum, p, s) => (p > 0 ? sum + p * next[s]! : sum), 0),
        error: (found.above - found.below) / 2,
        iterations,
        method: 'factored-policy-iteration',
      }
    }
    const { least, most } = changeOf(value, next)
    value.set(next)
    evaluate(sweeps, mixed, discount, rows, { value, next }, FRACTION * (most - least))
  }
  throw limitReached(WHERE, { discount, epsilon }, MAX_ITERATIONS, 'sweeps over all actions')
}

/** Sweeps of a policy until their span is at most `goal`; from its values, what all have in common is added at once. */
function evaluate(
  sweeps: FactoredSweeps,
  mixed: MixedIteration,
  discount: number,
  rows: Int32Array,
  { value, next }: { readonly value: Float64Array; readonly next: Float64Array },
  goal: number,
): void {
  mixed.begin()
  for (let k = 0; k < MAX_ORDER; k++) {
    sweeps.ofRows(value, next, rows)
    const { least, most } = changeOf(value, next)
    if (most - least > goal) {
      mixed.mix(value, next)
      continue
    }
    const rest = (((least + most) / 2) * discount) / (1 - discount)
    for (let s = 0; s < value.length; s++) value[s] = next[s]! + rest
    return
  }
}

/**
 * The best that so many steps earn, under the start distribution.
 * @param steps - an integer >= 1
 * @param discount - in [0, 1]
 * @returns it and a bound on what rounding did to it, reward units
 */
export function planFactoredSteps(
  mdp: FactoredMdp,
  discount: number,
  steps: number,
): { readonly start: number; readonly error: number } {
  const rows = new Int32Array(mdp.numStates)
  const sweeps = new FactoredSweeps(mdp, discount)
  return overSteps(mdp, discount, steps, sweeps, (value, next) => sweeps.optimal(value, next, rows))
}

/** Sweeps from 0, one a step. */
export function overSteps(
  mdp: FactoredMdp,
  discount: number,
  steps: number,
  { precision }: FactoredSweeps,
  sweep: (value: Float64Array, next: Float64Array) => void,
): { readonly start: number; readonly error: number } {
  let value = new Float64Array(mdp.numStates)
  let next = new Float64Array(mdp.numStates)
  let error = 0
  for (let step = 0; step < steps; step++) {
    sweep(value, next)
    error = backupError(precision, discount, largestSize(value)) + discount * precision.maxRowSum * error
    ;[value, next] = [next, value]
  }
  let start = 0
  for (let s = 0; s < mdp.numStates; s++) if (mdp.start[s]! > 0) start += mdp.start[s]! * value[s]!
  if (!Number.isFinite(start)) throw new IterationLimitError(`${WHERE}: what ${steps} steps earn is beyond f64`)
  return { start, error }
}
