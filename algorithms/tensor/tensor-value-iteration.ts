/**
 * Value iteration on tensors, in mixed precision: iterative refinement, as of linear systems (Higham 2002, chapter 12).
 *
 * From any values v, the problem with the advantages A(s, a) = r(s, a) + gamma sum p v - v(s) for rewards has the optimal values
 * V* - v (potential-based shaping: Ng, Harada and Russell 1999). So f32 sweeps on the device (tensor-sweep.ts) find a
 * correction, as precise as f32 is of the correction's size; it is added to v in f64; one sweep in f64 on arrays then gives
 * MacQueen's bounds, and the next advantages where these aren't within epsilon yet. As the bounds of a sweep hold from any
 * values, they are as honest, and epsilon as small, as without tensors.
 *
 * Every few sweeps the extremes of v' - v are read back from the device, without blocking the thread.
 */
import type { Rank, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { checkMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import { boundedPlan, checkResolution, corrections, JacobiSweeps, limitReached } from '../planning/optimality-sweep.js'
import { ofStates } from '../planning/plan-in-unit-time.js'
import { type AsyncPlanner, checkDiscounted, type Plan, type PlanOptions } from '../planning/planner.js'
import { rowValuesOf } from '../planning/row-values.js'
import { unitTime } from '../planning/unit-time.js'
import { MAX_SWEEPS, valueIterationFrom } from '../planning/value-iteration.js'
import type { TensorBackend } from './backend.js'
import { padRows } from './padded-rows.js'
import { type TensorSweep, tensorSweep } from './tensor-sweep.js'

export interface TensorPlannerOptions {
  /** Most memory that the sweeps may take on the device. Default 2 GiB. */
  readonly maxBytes?: number
}

/** Sweeps before the first read-back, and most between two. */
const FIRST_SWEEPS = 4
const MOST_SWEEPS = 64

/** Reads in a row that find the span no smaller than before, after which only rounding can be left of it. */
const IDLE_READS = 2

/** Unit roundoff of f32. */
const F32_ROUNDOFF = 2 ** -24

/**
 * @param backend - made the active one of this thread while it plans
 * @returns a planner of discounted models; `iterations` are sweeps, on the device and on arrays
 */
export function tensorValueIteration(backend: TensorBackend, options: TensorPlannerOptions = {}): AsyncPlanner {
  return {
    name: 'value-iteration',
    plan: async (mdp, asked) => {
      if (mdp.elapsed === undefined) return plan(backend, options, mdp, asked)
      checkMdp(mdp)
      const unit = unitTime(mdp, asked.discount)
      return ofStates(await plan(backend, options, unit.mdp, { ...asked, discount: unit.discount }), mdp.numStates)
    },
  }
}

async function plan(
  backend: TensorBackend,
  { maxBytes = 2 ** 31 }: TensorPlannerOptions,
  mdp: TabularMdp,
  options: PlanOptions,
): Promise<Plan> {
  const where = 'tensorValueIteration'
  const { discount, epsilon, maxIterations = MAX_SWEEPS } = options
  const precision = checkDiscounted(where, mdp, options)
  const rows = padRows(where, mdp, discount, maxBytes)
  const onArrays = new JacobiSweeps(mdp, discount)
  backend.activate()
  const onDevice = tensorSweep(backend.tf, mdp, rows)
  const policy = onArrays.newPolicy()
  const value = new Float64Array(mdp.numStates)
  const next = new Float64Array(mdp.numStates)
  // The span of v' - v at which the bounds are within epsilon.
  const target = discount === 0 ? Number.POSITIVE_INFINITY : (epsilon * (1 - discount)) / discount
  const roundings = 8 + rows.width / 4
  let rewardSize = precision.maxReward
  let iterations = 0
  let apart = Number.POSITIVE_INFINITY

  try {
    while (iterations < maxIterations) {
      const limits = { target, rounding: roundings * F32_ROUNDOFF, rewardSize, sweeps: maxIterations - iterations - 1 }
      const correction = await sweepToRest(backend, onDevice, mdp.numStates, limits)
      // What overflowed f32 would spoil f64.
      for (let s = 0; s < value.length; s++) {
        if (Number.isFinite(correction.value[s])) value[s]! += correction.value[s]!
      }
      iterations += correction.sweeps + 1
      onArrays.optimal(value, next, policy)
      const found = corrections(discount, precision, value, next)
      const { below, above, resolution } = found
      if (above - below <= epsilon) return boundedPlan(mdp, next, found, policy, iterations, 'value-iteration')
      checkResolution(where, options, resolution)
      // Near gamma = 1 with long rows, f32 may not help any further.
      if (!(above - below < apart / 2)) return valueIterationFrom(where, mdp, options, precision, next, iterations)
      apart = above - below
      for (let s = 0; s < value.length; s++) value[s] = mdp.terminal[s] === 1 ? 0 : next[s]! + (below + above) / 2
      rewardSize = writeAdvantages(mdp, discount, value, rows.reward)
      onDevice.setReward(rows.reward)
    }
    throw limitReached(where, options, maxIterations, 'sweeps')
  } finally {
    onDevice.dispose()
  }
}

interface RestLimits {
  /** The span of v' - v that is small enough. */
  readonly target: number
  /** What f32 makes of the span, relative to rewards and values. */
  readonly rounding: number
  readonly rewardSize: number
  /** Most sweeps. */
  readonly sweeps: number
}

/** Sweeps from zero until the span is small enough, or f32 resolves no more of it. */
async function sweepToRest(
  backend: TensorBackend,
  onDevice: TensorSweep,
  numStates: number,
  limits: RestLimits,
): Promise<{ value: Float32Array; sweeps: number }> {
  const { tf } = backend
  let value = tf.zeros<Rank.R1>([numStates])
  let swept = 0
  let sweeps = FIRST_SWEEPS
  let last = { span: Number.POSITIVE_INFINITY, swept: 0 }
  let least = Number.POSITIVE_INFINITY
  let idle = 0
  while (swept < limits.sweeps) {
    sweeps = Math.min(sweeps, limits.sweeps - swept)
    for (let k = 1; k < sweeps; k++) value = replaced(value, onDevice.sweep(value))
    const next = onDevice.sweep(value)
    const extremes = tf.tidy(() => {
      const difference = tf.sub(next, value)
      return tf.stack([tf.min(difference), tf.max(difference), tf.max(tf.abs(next))])
    })
    value = replaced(value, next)
    swept += sweeps
    const [below, above, largest] = await extremes.data()
    // Another backend may have been opened meanwhile.
    backend.activate()
    extremes.dispose()
    const span = above! - below!
    const wanted = Math.max(limits.target, limits.rounding * (limits.rewardSize + largest!))
    idle = span < least ? 0 : idle + 1
    least = Math.min(least, span)
    if (!(span > wanted) || idle === IDLE_READS) break
    sweeps = sweepsToGo(span / last.span, swept - last.swept, wanted / span)
    last = { span, swept }
  }
  const found = await value.data<'float32'>()
  backend.activate()
  value.dispose()
  return { value: found, sweeps: swept }
}

/**
 * Writes A(s, a) = Q(s, a) - v(s) of the legal actions.
 * @param value - f64 [S], v
 * @param out - f32 [S * A]; other entries are left alone
 * @returns the largest size of a state's best advantage
 */
function writeAdvantages(mdp: TabularMdp, discount: number, value: Float64Array, out: Float32Array): number {
  const { numStates, numActions, terminal } = mdp
  const q = new Float64Array(numStates * numActions)
  rowValuesOf(mdp)(mdp, discount, value, 0, q.length, q)
  let largest = 0
  for (let s = 0, row = 0; s < numStates; s++) {
    let best = Number.NEGATIVE_INFINITY
    for (let a = 0; a < numActions; a++, row++) {
      if (q[row] === Number.NEGATIVE_INFINITY) continue
      const advantage = q[row]! - value[s]!
      out[row] = advantage
      if (advantage > best) best = advantage
    }
    if (terminal[s] === 0) largest = Math.max(largest, Math.abs(best))
  }
  return largest
}

/** Disposes what was. */
function replaced(before: Tensor, after: Tensor1D): Tensor1D {
  before.dispose()
  return after
}

/**
 * Sweeps until the next read-back, from how the span shrank.
 * @param shrunk - the span, over what it was `sweeps` before
 * @param wanted - how much more it has to shrink: in (0, 1)
 */
function sweepsToGo(shrunk: number, sweeps: number, wanted: number): number {
  if (shrunk === 0) return FIRST_SWEEPS
  if (shrunk >= 1) return MOST_SWEEPS
  return Math.min(MOST_SWEEPS, Math.max(1, Math.ceil((sweeps * Math.log(wanted)) / Math.log(shrunk))))
}
