import { ShapeError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { rowDot } from './sparse-rows.js'

/** A linear function of features. */
export interface LinearModel {
  /** f64 [columns] */
  readonly weights: Float64Array
  readonly intercept: number
}

/**
 * Predictions of a linear model for every row.
 * @param out - f64 [rows], written
 * @throws ShapeError when sizes don't fit
 */
export function predictLinear(model: LinearModel, x: SparseMatrix, out: Float64Array): void {
  if (model.weights.length !== x.columns || out.length !== x.rows) {
    throw new ShapeError(
      `predictLinear: expected ${x.columns} weights and room for ${x.rows} rows, got ${model.weights.length} and ${out.length}; encode with the encoder the model was fitted on`,
    )
  }
  for (let row = 0; row < x.rows; row++) out[row] = linearRowValue(model, x, row)
}

/** The prediction for one row. Checks nothing: it is inner loops. */
export function linearRowValue(model: LinearModel, x: SparseMatrix, row: number): number {
  return model.intercept + rowDot(x, row, model.weights)
}
