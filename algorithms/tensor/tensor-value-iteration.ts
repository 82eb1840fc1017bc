/**
 * Value iteration on tensors, in mixed precision. Jacobi sweeps run in f32 on the backend's device (tensor-sweep.ts); every few
 * sweeps the extremes of v' - v are read back, without blocking the thread. When MacQueen's bounds would be within epsilon, or
 * f32 resolves no more, the values are read back once and sweeps in f64 on arrays (planning/value-iteration.ts) go on from
 * there: the bounds of one sweep hold from any values, so those of the answer are as honest, and epsilon as small, as without
 * tensors.
 */
import type { Rank, Tensor, Tensor1D } from '@tensorflow/tfjs'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { type AsyncPlanner, checkDiscounted, type Plan, type PlanOptions } from '../planning/planner.js'
import { MAX_SWEEPS, valueIterationFrom } from '../planning/value-iteration.js'
import type { TensorBackend } from './backend.js'
import { padRows } from './padded-rows.js'
import { tensorSweep } from './tensor-sweep.js'

export interface TensorPlannerOptions {
  /** Most memory that the sweeps may take on the device. Default 2 GiB. */
  readonly maxBytes?: number
}

/** Sweeps before the first read-back, and most between two. */
const FIRST_SWEEPS = 4
const MOST_SWEEPS = 64

/** Reads in a row that find the span no smaller than before, after which only rounding can be left of it. */
const IDLE_READS = 8

/** Unit roundoff of f32. */
const F32_ROUNDOFF = 2 ** -24

/**
 * @param backend - the active one of this thread, and so while it plans
 * @returns a planner of discounted models; `iterations` are sweeps, on the device and after
 */
export function tensorValueIteration(backend: TensorBackend, options: TensorPlannerOptions = {}): AsyncPlanner {
  return { name: 'value-iteration', plan: (mdp, asked) => plan(backend, options, mdp, asked) }
}

async function plan(
  { tf }: TensorBackend,
  { maxBytes = 2 ** 31 }: TensorPlannerOptions,
  mdp: TabularMdp,
  options: PlanOptions,
): Promise<Plan> {
  const where = 'tensorValueIteration'
  const { discount, epsilon, maxIterations = MAX_SWEEPS } = options
  const precision = checkDiscounted(where, mdp, options)
  const model = tensorSweep(tf, mdp, padRows(where, mdp, discount, maxBytes))
  let value = tf.zeros<Rank.R1>([mdp.numStates])

  try {
    // The span of v' - v at which the bounds are within epsilon.
    const target = discount === 0 ? Number.POSITIVE_INFINITY : (epsilon * (1 - discount)) / discount
    let swept = 0
    let sweeps = FIRST_SWEEPS
    let last = { span: Number.POSITIVE_INFINITY, swept: 0 }
    let least = Number.POSITIVE_INFINITY
    let idle = 0
    // The last sweep of all is one in f64.
    while (swept < maxIterations - 1) {
      sweeps = Math.min(sweeps, maxIterations - 1 - swept)
      for (let k = 1; k < sweeps; k++) value = replaced(value, model.sweep(value))
      const next = model.sweep(value)
      const extremes = tf.tidy(() => {
        const difference = next.sub(value)
        return tf.stack([difference.min(), difference.max(), next.abs().max()])
      })
      value = replaced(value, next)
      swept += sweeps
      const [below, above, largest] = await extremes.data()
      extremes.dispose()
      const span = above! - below!
      const wanted = Math.max(target, 4 * F32_ROUNDOFF * (precision.maxReward + largest!))
      idle = span < least ? 0 : idle + 1
      least = Math.min(least, span)
      if (!(span > wanted) || idle === IDLE_READS) break
      sweeps = sweepsToGo(span / last.span, swept - last.swept, wanted / span)
      last = { span, swept }
    }
    // Bounds hold from any values; what overflowed f32 would spoil those of f64.
    const found = Float64Array.from(await value.data(), (v) => (Number.isFinite(v) ? v : 0))
    return valueIterationFrom(where, mdp, options, precision, found, swept)
  } finally {
    model.dispose()
    value.dispose()
  }
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
