/**
 * The penalty of a ridge regression by held-out error inside the rows it is fitted on. What decides between actions is how
 * they differ on a row, so that is what the error is of: with two actions that of the gap.
 */
import { z } from 'zod'
import type { SparseMatrix } from '#env/encoding/sparse.js'
import { linearRowValue } from './linear-model.js'
import { fitRidge } from './ridge.js'

export const lambdaConfig = z
  .union([z.number().gt(0), z.literal('auto')])
  .describe('penalty of the squared weights; auto: picked by held-out error inside what it learns from')

export type LambdaConfig = z.infer<typeof lambdaConfig>

/** What `auto` picks from. */
export const lambdaGrid: readonly number[] = [100, 30, 10, 5, 3, 1, 0.3, 0.1]

/** Rows that make a single split enough. */
const MANY_ROWS = 2000
const FOLDS = 5

/** Targets of one output. */
export interface RidgeTargets {
  /** f64 [rows]; anything finite where the weight is 0 */
  readonly target: Float64Array
  /** f64 [rows], 0 = unknown */
  readonly weight: Float64Array
}

/**
 * Targets less their row's mean over the outputs known there, rows with fewer than two left out. Of two outputs only the
 * first: the other is its negative.
 */
export function contrasts(outputs: readonly RidgeTargets[]): RidgeTargets[] {
  const rows = outputs[0]!.target.length
  const centred = outputs.map(() => ({ target: new Float64Array(rows), weight: new Float64Array(rows) }))
  for (let row = 0; row < rows; row++) {
    const known = outputs.filter(({ weight }) => weight[row]! > 0)
    if (known.length < 2) continue
    const mean = known.reduce((sum, { target }) => sum + target[row]!, 0) / known.length
    outputs.forEach(({ target, weight }, o) => {
      if (!(weight[row]! > 0)) return
      centred[o]!.target[row] = target[row]! - mean
      centred[o]!.weight[row] = weight[row]!
    })
  }
  return centred.length === 2 ? centred.slice(0, 1) : centred
}

/**
 * The lambda of the grid with the smallest held-out squared error, summed over outputs: five folds, one of them alone where
 * rows are many. Ties go to the larger. Without anything to hold out, the middle of the grid.
 * @param keys - i32 [rows]; rows of equal key are held out together
 */
export function chooseLambda(x: SparseMatrix, outputs: readonly RidgeTargets[], keys: Int32Array): number {
  const fold = Int32Array.from(keys, foldOf)
  const errors = new Float64Array(lambdaGrid.length)
  for (let held = 0; held < (x.rows >= MANY_ROWS ? 1 : FOLDS); held++) {
    for (const { target, weight } of outputs) {
      const sampleWeights = weight.map((w, row) => (fold[row] === held ? 0 : w))
      if (!sampleWeights.some((w) => w > 0)) continue
      let start: Float64Array = new Float64Array(x.columns)
      lambdaGrid.forEach((lambda, l) => {
        const model = fitRidge(x, target, { lambda, sampleWeights, start, tolerance: 1e-3 })
        start = model.weights
        for (let row = 0; row < x.rows; row++) {
          if (fold[row] !== held || weight[row] === 0) continue
          errors[l]! += weight[row]! * (target[row]! - linearRowValue(model, x, row)) ** 2
        }
      })
    }
  }
  const best = errors.indexOf(Math.min(...errors))
  return errors[best]! > 0 ? lambdaGrid[best]! : lambdaGrid[lambdaGrid.length >> 1]!
}

/** A fold 0..4 by a multiplicative hash: neighbouring keys fall apart. */
function foldOf(key: number): number {
  return (Math.imul(key + 1, 0x9e3779b1) >>> 8) % FOLDS
}
