/**
 * Recursive least squares with a diagonal covariance, for sparse features by the hundred thousand, where the full one has no
 * room: the update of recursive least squares with P replaced by its diagonal after each row, as AROW does for
 * classification (Crammer et al. 2009, "Adaptive Regularization of Weight Vectors", section 4; its regression form is Vaits
 * and Crammer 2011).
 * Deviations: variance 1 for the noise; the intercept is one more feature that is always 1. One pass is not the ridge
 * solution: features that come together are taken as independent.
 */

import { NonFiniteError, ShapeError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { rowDot, rowQuadratic } from './sparse-rows.js'

/** Saved by copying the arrays. The last entry of each is the intercept's. */
export interface DiagonalState {
  readonly columns: number
  /** f64 [columns + 1] */
  readonly mean: Float64Array
  /** f64 [columns + 1]: the diagonal of P */
  readonly variance: Float64Array
}

/** No rows yet. @throws ShapeError when a size or lambda isn't positive */
export function initDiagonal(columns: number, lambda: number): DiagonalState {
  if (!(Number.isInteger(columns) && columns > 0 && lambda > 0 && lambda < Number.POSITIVE_INFINITY)) {
    throw new ShapeError(`initDiagonal: expected columns >= 1 and lambda > 0, got ${columns} and ${lambda}`)
  }
  return { columns, mean: new Float64Array(columns + 1), variance: new Float64Array(columns + 1).fill(1 / lambda) }
}

/** w.x + c. Checks nothing: it is inner loops. */
export function diagonalMean(state: DiagonalState, x: SparseMatrix, row: number): number {
  return rowDot(x, row, state.mean) + state.mean[state.columns]!
}

/** Sum of x_j^2 P_jj, the intercept included. Checks nothing. */
export function diagonalVariance(state: DiagonalState, x: SparseMatrix, row: number): number {
  return rowQuadratic(x, row, state.variance) + state.variance[state.columns]!
}

/**
 * Takes in one row. Allocates nothing.
 * @returns the error target - prediction before the update
 * @throws ShapeError when the row or width doesn't fit
 * @throws NonFiniteError when the target isn't finite
 */
export function diagonalUpdate(state: DiagonalState, x: SparseMatrix, row: number, target: number): number {
  const { columns, mean, variance } = state
  if (!(row >= 0 && row < x.rows && x.columns === columns)) {
    throw new ShapeError(
      `diagonalUpdate: row ${row} of width ${x.columns} doesn't fit ${x.rows} rows, width ${columns}`,
    )
  }
  if (!Number.isFinite(target)) throw new NonFiniteError(`diagonalUpdate: expected a finite target, got ${target}`)
  const error = target - diagonalMean(state, x, row)
  const total = 1 + diagonalVariance(state, x, row)
  const end = x.rowStart[row + 1]!
  for (let k = x.rowStart[row]!; k < end; k++) {
    const j = x.index[k]!
    const gain = (variance[j]! * x.value[k]!) / total
    mean[j]! += gain * error
    variance[j]! -= gain * x.value[k]! * variance[j]!
  }
  const gain = variance[columns]! / total
  mean[columns]! += gain * error
  variance[columns]! -= gain * variance[columns]!
  return error
}
