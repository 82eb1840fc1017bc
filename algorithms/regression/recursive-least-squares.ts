/**
 * Recursive least squares on dense features: ridge regression (without a separate intercept) kept exact row after row, with
 * the covariance P = (lambda I + sum x x^T)^-1.
 *
 * Square-root form (Potter's update; Bierman 1977, "Factorization Methods for Discrete Sequential Estimation", section V.3):
 * P = S S^T, and S is what is kept. It equals the Sherman-Morrison update in exact arithmetic, and P can't lose symmetry or
 * definiteness however many rows come. 3 d^2 multiplications a row. Deviations: none; the measurement variance is 1.
 */
import { NonFiniteError, ShapeError } from '#env/errors.js'

/** Saved by copying the arrays (`scratch` holds nothing between calls). */
export interface LeastSquaresState {
  readonly features: number
  /** f64 [d]: the weights, exactly the ridge solution of the rows so far. */
  readonly mean: Float64Array
  /** f64 [d * d], row-major: S with P = S S^T. */
  readonly root: Float64Array
  /** f64 [d] */
  readonly scratch: Float64Array
}

/** No rows yet: weights 0, P = I / lambda. @throws ShapeError when a size or lambda isn't positive */
export function initLeastSquares(features: number, lambda: number): LeastSquaresState {
  if (!(Number.isInteger(features) && features > 0 && lambda > 0 && lambda < Number.POSITIVE_INFINITY)) {
    throw new ShapeError(`initLeastSquares: expected features >= 1 and lambda > 0, got ${features} and ${lambda}`)
  }
  const root = new Float64Array(features * features)
  for (let i = 0; i < features; i++) root[i * features + i] = 1 / Math.sqrt(lambda)
  return { features, mean: new Float64Array(features), root, scratch: new Float64Array(features) }
}

/** w.x. Checks nothing: it is inner loops. */
export function leastSquaresMean(state: LeastSquaresState, x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * state.mean[i]!
  return sum
}

/** x^T P x, the variance of w.x for noise of variance 1. Checks nothing; leaves S^T x in scratch. */
export function leastSquaresVariance(state: LeastSquaresState, x: Float64Array): number {
  const { features, root, scratch } = state
  scratch.fill(0)
  for (let i = 0; i < features; i++) {
    const xi = x[i]!
    if (xi === 0) continue
    const first = i * features
    for (let j = 0; j < features; j++) scratch[j]! += xi * root[first + j]!
  }
  let sum = 0
  for (let j = 0; j < features; j++) sum += scratch[j]! * scratch[j]!
  return sum
}

/**
 * Takes in one row. Allocates nothing.
 * @param x - f64 [d]
 * @returns the error target - w.x before the update
 * @throws ShapeError when the width doesn't fit
 * @throws NonFiniteError when x or target isn't finite
 */
export function leastSquaresUpdate(state: LeastSquaresState, x: Float64Array, target: number): number {
  const { features, root, mean, scratch } = state
  if (x.length !== features) {
    throw new ShapeError(`leastSquaresUpdate: expected ${features} features, got ${x.length}`)
  }
  const variance = leastSquaresVariance(state, x)
  const error = target - leastSquaresMean(state, x)
  if (!Number.isFinite(variance) || !Number.isFinite(error)) {
    throw new NonFiniteError(`leastSquaresUpdate: expected finite features and target, got target ${target}`)
  }
  const total = 1 + variance
  const shrink = 1 / (total + Math.sqrt(total))
  for (let i = 0; i < features; i++) {
    const first = i * features
    // (S f)_i = (P x)_i, with f = S^T x
    let px = 0
    for (let j = 0; j < features; j++) px += root[first + j]! * scratch[j]!
    mean[i]! += (px / total) * error
    const scale = px * shrink
    for (let j = 0; j < features; j++) root[first + j]! -= scale * scratch[j]!
  }
  return error
}
