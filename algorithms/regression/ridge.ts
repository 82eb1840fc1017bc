/**
 * Ridge regression (Hoerl and Kennard 1970): the weights w and intercept c that minimise
 * sum_i s_i (y_i - w.x_i - c)^2 + lambda |w|^2, with sample weights s.
 *
 * Conjugate gradients on the normal equations in their least-squares form (CGLS; Björck 1996, "Numerical Methods for Least
 * Squares Problems", algorithm 7.4.1, with the shift lambda): two passes over the sparse rows an iteration, nothing squared
 * is ever formed. Columns are centred implicitly, so that rows stay sparse and the intercept isn't penalised.
 */

import { IterationLimitError, NonFiniteError, ShapeError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { LinearModel } from './linear-model.js'
import { addRow, checkSparseMatrix, rowDot, rowSquaredNorm } from './sparse-rows.js'

export interface RidgeOptions {
  /** Penalty of the squared weights, > 0. */
  readonly lambda: number
  /** Whether an unpenalised intercept is fitted; true when left out. */
  readonly intercept?: boolean
  /** [rows], >= 0: how much each row counts; 0 leaves it out. All 1 when left out. */
  readonly sampleWeights?: ArrayLike<number>
  /**
   * Stops when the gradient is this small against the one at zero weights, or nothing but rounding; 1e-8 when left out.
   */
  readonly tolerance?: number
  /** 10000 when left out. */
  readonly maxIterations?: number
  /** [columns] first guess, such as the weights before some rows were added; zeros when left out. */
  readonly start?: Float64Array
}

export interface RidgeModel extends LinearModel {
  readonly iterations: number
}

/**
 * @param y - [rows] targets
 * @throws ShapeError when sizes don't fit, lambda isn't > 0 or no row counts
 * @throws NonFiniteError when a value, target or weight isn't finite
 * @throws IterationLimitError when the tolerance isn't met
 */
export function fitRidge(x: SparseMatrix, y: ArrayLike<number>, options: RidgeOptions): RidgeModel {
  const { lambda, intercept = true, tolerance = 1e-8, maxIterations = 10_000 } = options
  checkSparseMatrix('fitRidge', x)
  const { rows, columns } = x
  if (!(lambda > 0 && lambda < Number.POSITIVE_INFINITY)) {
    throw new ShapeError(`fitRidge: expected lambda > 0, got ${lambda}; near-zero values are fine`)
  }
  const root = rootWeights(rows, options.sampleWeights)
  const total = root.reduce((sum, s) => sum + s * s, 0)
  if (!(total > 0)) throw new ShapeError('fitRidge: expected at least one row that counts, got none')
  if (y.length !== rows) throw new ShapeError(`fitRidge: expected ${rows} targets, got ${y.length}`)

  const columnMean = new Float64Array(columns)
  let targetMean = 0
  for (let i = 0; i < rows; i++) {
    if (!Number.isFinite(y[i])) throw new NonFiniteError(`fitRidge: expected finite targets, got ${y[i]} at ${i}`)
    if (!intercept) continue
    const share = (root[i]! * root[i]!) / total
    addRow(x, i, share, columnMean)
    targetMean += share * y[i]!
  }
  const centred: CentredRows = { x, root, columnMean }

  const weights = options.start === undefined ? new Float64Array(columns) : startWeights(options.start, columns)
  const residual = Float64Array.from({ length: rows }, (_, i) => root[i]! * (y[i]! - targetMean))
  const gradient = new Float64Array(columns)
  const image = new Float64Array(rows)
  multiplyTransposed(centred, residual, gradient)
  let target = tolerance * tolerance * squaredNorm(gradient)
  if (options.start !== undefined) {
    multiply(centred, weights, image)
    for (let i = 0; i < rows; i++) residual[i]! -= image[i]!
    gradientOf(centred, residual, lambda, weights, gradient)
  }
  // Where targets are constant, or the start is far larger than the solution, the gradient can't come closer to 0 than this.
  const magnitude = squaredEntries(x, root) * (squaredTargets(y, root) + squaredNorm(image))
  target = Math.max(target, Number.EPSILON * Number.EPSILON * (magnitude + lambda * lambda * squaredNorm(weights)))
  const direction = gradient.slice()
  let size = squaredNorm(gradient)
  let iterations = 0
  while (size > target) {
    if (iterations === maxIterations) {
      throw new IterationLimitError(
        `fitRidge: expected a gradient below ${tolerance} of its first within ${maxIterations} iterations, got ${Math.sqrt(size)}; raise lambda, tolerance or maxIterations`,
      )
    }
    iterations++
    multiply(centred, direction, image)
    const step = size / (squaredNorm(image) + lambda * squaredNorm(direction))
    for (let j = 0; j < columns; j++) weights[j]! += step * direction[j]!
    for (let i = 0; i < rows; i++) residual[i]! -= step * image[i]!
    gradientOf(centred, residual, lambda, weights, gradient)
    const next = squaredNorm(gradient)
    const beta = next / size
    for (let j = 0; j < columns; j++) direction[j] = gradient[j]! + beta * direction[j]!
    size = next
  }
  return { weights, intercept: targetMean - dot(columnMean, weights), iterations }
}

/** Rows less the column means, each times the root of its sample weight. */
interface CentredRows {
  readonly x: SparseMatrix
  readonly root: Float64Array
  readonly columnMean: Float64Array
}

function multiply({ x, root, columnMean }: CentredRows, w: Float64Array, out: Float64Array): void {
  const shift = dot(columnMean, w)
  for (let i = 0; i < x.rows; i++) out[i] = root[i]! === 0 ? 0 : root[i]! * (rowDot(x, i, w) - shift)
}

function multiplyTransposed({ x, root, columnMean }: CentredRows, r: Float64Array, out: Float64Array): void {
  out.fill(0)
  let sum = 0
  for (let i = 0; i < x.rows; i++) {
    const scale = root[i]! * r[i]!
    if (scale === 0) continue
    sum += scale
    addRow(x, i, scale, out)
  }
  for (let j = 0; j < out.length; j++) out[j]! -= sum * columnMean[j]!
}

/** Half the negative gradient: A^T r - lambda w. */
function gradientOf(
  centred: CentredRows,
  residual: Float64Array,
  lambda: number,
  weights: Float64Array,
  out: Float64Array,
): void {
  multiplyTransposed(centred, residual, out)
  for (let j = 0; j < out.length; j++) out[j]! -= lambda * weights[j]!
}

/** Sum of s_i x_ij^2. */
function squaredEntries(x: SparseMatrix, root: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.rows; i++) sum += root[i]! === 0 ? 0 : root[i]! * root[i]! * rowSquaredNorm(x, i)
  return sum
}

/** Sum of s_i y_i^2. */
function squaredTargets(y: ArrayLike<number>, root: Float64Array): number {
  let sum = 0
  for (let i = 0; i < root.length; i++) sum += square(root[i]! * y[i]!)
  return sum
}

function rootWeights(rows: number, sampleWeights: ArrayLike<number> | undefined): Float64Array {
  if (sampleWeights === undefined) return new Float64Array(rows).fill(1)
  if (sampleWeights.length !== rows) {
    throw new ShapeError(`fitRidge: expected ${rows} sample weights, got ${sampleWeights.length}`)
  }
  return Float64Array.from({ length: rows }, (_, i) => {
    const s = sampleWeights[i]!
    if (!(s >= 0 && s < Number.POSITIVE_INFINITY)) {
      throw new NonFiniteError(`fitRidge: expected finite sample weights >= 0, got ${s} at ${i}`)
    }
    return Math.sqrt(s)
  })
}

function startWeights(start: Float64Array, columns: number): Float64Array {
  if (start.length !== columns) throw new ShapeError(`fitRidge: expected a start of ${columns}, got ${start.length}`)
  return start.slice()
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function squaredNorm(a: Float64Array): number {
  return dot(a, a)
}

function square(value: number): number {
  return value * value
}
