/**
 * Limited-memory BFGS (Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4 and 7.5) for smooth functions without bounds. The
 * step is found by bisection until it meets the weak Wolfe conditions (Lewis and Overton 2013, section 3), so that curvature along every
 * step is positive.
 */
import { IterationLimitError, NonFiniteError } from '#env/errors.js'

export interface LbfgsOptions {
  /** Stops when no entry of the gradient is larger than this part of the largest one at the start. Default: 1e-9. */
  readonly tolerance?: number
  /** Default: 2000. */
  readonly maxIterations?: number
}

/** Pairs of steps and gradient changes that are kept. */
const memory = 10
const sufficient = 1e-4
const curvature = 0.9

/**
 * Minimises a function.
 * @param value - f(x), writing its gradient into the second argument; both f64 [n]
 * @param start - f64 [n]; stays as it is
 * @returns x, and how many steps it took
 * @throws NonFiniteError where the function isn't finite at the start
 * @throws IterationLimitError where the gradient isn't small enough in time
 */
export function minimise(
  value: (x: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  { tolerance = 1e-9, maxIterations = 2000 }: LbfgsOptions = {},
): { readonly x: Float64Array; readonly iterations: number } {
  const n = start.length
  let x = start.slice()
  let gradient = new Float64Array(n)
  let trial = new Float64Array(n)
  let trialGradient = new Float64Array(n)
  let now = value(x, gradient)
  if (!Number.isFinite(now)) throw new NonFiniteError(`minimise: expected a finite value at the start, got ${now}`)
  const enough = tolerance * largest(gradient)
  const steps: Float64Array[] = []
  const changes: Float64Array[] = []
  const direction = new Float64Array(n)
  const weights = new Float64Array(memory)
  for (let iterations = 0; ; iterations++) {
    if (largest(gradient) <= enough) return { x, iterations }
    if (iterations === maxIterations) {
      throw new IterationLimitError(
        `minimise: expected a gradient of at most ${enough} within ${maxIterations} steps, got ${largest(gradient)}; raise tolerance or maxIterations`,
      )
    }
    quasiNewton(gradient, steps, changes, weights, direction)
    const slope = dot(direction, gradient)
    // Where nothing is known of the curvature, the first step is of length 1 at most.
    let step = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1
    let low = 0
    let high = Number.POSITIVE_INFINITY
    let next = Number.NaN
    let found = false
    for (let tries = 0; tries < 60 && !found; tries++) {
      for (let i = 0; i < n; i++) trial[i] = x[i]! + step * direction[i]!
      next = value(trial, trialGradient)
      if (!(next <= now + sufficient * step * slope)) high = step
      else if (dot(trialGradient, direction) < curvature * slope) low = step
      else found = true
      if (!found) step = high === Number.POSITIVE_INFINITY ? 2 * step : (low + high) / 2
    }
    // Rounding hides what is left to gain.
    if (!found) return { x, iterations }
    const s = trial.map((one, i) => one - x[i]!)
    const y = trialGradient.map((one, i) => one - gradient[i]!)
    steps.push(s)
    changes.push(y)
    if (steps.length > memory) {
      steps.shift()
      changes.shift()
    }
    ;[x, trial] = [trial, x]
    ;[gradient, trialGradient] = [trialGradient, gradient]
    now = next
  }
}

/** The direction by the inverse Hessian that the last steps tell of (algorithm 7.4). */
function quasiNewton(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
  weights: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < out.length; i++) out[i] = -gradient[i]!
  for (let k = steps.length - 1; k >= 0; k--) {
    weights[k] = dot(steps[k]!, out) / dot(steps[k]!, changes[k]!)
    add(out, -weights[k]!, changes[k]!)
  }
  const last = steps.length - 1
  if (last < 0) return
  const scale = dot(steps[last]!, changes[last]!) / dot(changes[last]!, changes[last]!)
  for (let i = 0; i < out.length; i++) out[i]! *= scale
  for (let k = 0; k <= last; k++) {
    const beta = dot(changes[k]!, out) / dot(steps[k]!, changes[k]!)
    add(out, weights[k]! - beta, steps[k]!)
  }
}

function add(to: Float64Array, times: number, what: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * what[i]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function largest(values: Float64Array): number {
  return values.reduce((most, one) => Math.max(most, Math.abs(one)), 0)
}
