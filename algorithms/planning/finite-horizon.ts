/**
 * A finite horizon by backward induction over time (Puterman 1994, section 4.5): V_N = 0 and V_t = L V_{t+1}. Exact but for
 * rounding, which the bounds include.
 */
import { ModelError } from '#env/errors.js'
import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { sweep } from './optimality-sweep.js'
import { backupError, largestSize, measurePrecision } from './rounding.js'
import { unitTime } from './unit-time.js'

export interface FiniteHorizonOptions {
  /** gamma, in [0, 1]. */
  readonly discount: number
  /** N, the number of steps, however long each takes; an integer of at least 1. */
  readonly horizonSteps: number
}

export interface FiniteHorizonPlan {
  /** f64 [N + 1][S], reward units: value[t] is what is left to gain at time t; value[N] is 0. */
  readonly value: readonly Float64Array[]
  /** i32 [N][S]: the best action at time t, ties to the lowest index; -1 in terminal states. */
  readonly policy: readonly Int32Array[]
  /** Bound on what rounding did to value[t], [N + 1], reward units. */
  readonly error: readonly number[]
}

/** Most numbers that a plan of every step may hold: 8 bytes of value and 4 of policy each. */
const MOST_NUMBERS = 200_000_000

/**
 * The optimal values and the time-dependent optimal policy of N steps.
 * @throws ModelError when the discount isn't in [0, 1], the horizon isn't a positive integer or the model is broken, its plan
 * takes too much memory, or its values are too large for f64
 */
export function finiteHorizon(mdp: TabularMdp, options: FiniteHorizonOptions): FiniteHorizonPlan {
  checkHorizon(mdp, options)
  const { discount, horizonSteps } = options
  const numbers = horizonSteps * mdp.numStates
  if (numbers > MOST_NUMBERS) {
    const gigabytes = (12 * numbers) / 1e9
    throw new ModelError(
      `finiteHorizon: a plan of ${horizonSteps} steps for ${mdp.numStates} states takes ${gigabytes.toPrecision(3)} GB, expected at most ${(12 * MOST_NUMBERS) / 1e9} GB; give at most ${Math.floor(MOST_NUMBERS / mdp.numStates)} steps, or no horizon`,
    )
  }
  const unit = unitTime(mdp, discount)
  const { value, policy, error } = backwards(unit.mdp, unit.discount, horizonSteps)
  const { numStates } = mdp
  return {
    value: value.map((values) => values.subarray(0, numStates)),
    policy: policy.map((actions) => actions.subarray(0, numStates)),
    error,
  }
}

function checkHorizon(mdp: TabularMdp, { discount, horizonSteps }: FiniteHorizonOptions): void {
  if (!(discount >= 0 && discount <= 1)) {
    throw new ModelError(`finiteHorizon: expected a discount in [0, 1], got ${discount}; give one such as 1`)
  }
  if (!(Number.isSafeInteger(horizonSteps) && horizonSteps >= 1)) {
    throw new ModelError(`finiteHorizon: expected a horizon of at least 1 step, got ${horizonSteps}; give an integer`)
  }
  checkMdp(mdp)
}

/** What N steps are worth, without the policy for each. */
export interface FiniteHorizonValue {
  /** f64 [S], reward units: the best that N steps from a state earn. */
  readonly value: Float64Array
  /** Bound on what rounding did to it, reward units. */
  readonly error: number
}

/** As `finiteHorizon`, but for the values at time 0 alone: its memory doesn't grow with N. @throws ModelError likewise */
export function finiteHorizonValue(mdp: TabularMdp, options: FiniteHorizonOptions): FiniteHorizonValue {
  checkHorizon(mdp, options)
  const unit = unitTime(mdp, options.discount)
  const precision = measurePrecision(unit.mdp)
  let value = new Float64Array(unit.mdp.numStates)
  let next = new Float64Array(unit.mdp.numStates)
  let error = 0
  const actions = new Int32Array(unit.mdp.numStates)
  for (let step = 0; step < options.horizonSteps; step++) {
    sweep(unit.mdp, unit.discount, value, next, actions)
    checkFinite(next, step + 1)
    error = backupError(precision, unit.discount, largestSize(value)) + unit.discount * precision.maxRowSum * error
    ;[value, next] = [next, value]
  }
  return { value: value.subarray(0, mdp.numStates), error }
}

function backwards(mdp: TabularMdp, discount: number, horizonSteps: number): FiniteHorizonPlan {
  const precision = measurePrecision(mdp)
  const value = [new Float64Array(mdp.numStates)]
  const policy: Int32Array[] = []
  const error = [0]
  for (let left = 1; left <= horizonSteps; left++) {
    const after = value.at(-1)!
    const now = new Float64Array(mdp.numStates)
    const actions = new Int32Array(mdp.numStates).fill(-1)
    sweep(mdp, discount, after, now, actions)
    checkFinite(now, left)
    value.push(now)
    policy.push(actions)
    error.push(backupError(precision, discount, largestSize(after)) + discount * precision.maxRowSum * error.at(-1)!)
  }
  return { value: value.reverse(), policy: policy.reverse(), error: error.reverse() }
}

/** @throws ModelError where what so many steps earn is beyond f64 */
function checkFinite(value: Float64Array, steps: number): void {
  if (largestSize(value) < Number.POSITIVE_INFINITY) return
  throw new ModelError(
    `finiteHorizon: what ${steps} steps earn is beyond the largest number, ${Number.MAX_VALUE.toPrecision(2)}; give rewards in a larger unit, or a shorter horizon`,
  )
}
