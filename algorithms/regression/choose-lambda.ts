/**
 * The penalty of a ridge regression by held-out error inside the rows it is fitted on. What decides between actions is how
 * they differ on a row, so that is what the error is of: with two actions that of the gap.
 */
import { z } from 'zod'
import type { SparseMatrix } from '#env/sparse-matrix.js'
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
 * rows are many. From the largest down, until the error has risen twice; without anything to hold out, the middle of the grid.
 * @param keys - i32 [rows]; rows of equal key are held out together
 */
export function chooseLambda(x: SparseMatrix, outputs: readonly RidgeTargets[], keys: Int32Array): number {
  const trials = trialsOf(x, outputs, Int32Array.from(keys, foldOf))
  if (trials.length === 0) return lambdaGrid[lambdaGrid.length >> 1]!
  let best = 0
  let bestError = Number.POSITIVE_INFINITY
  for (let l = 0; l < lambdaGrid.length && l <= best + 2; l++) {
    const error = trials.reduce((sum, trial) => sum + heldOutError(x, trial, lambdaGrid[l]!), 0)
    if (error >= bestError) continue
    best = l
    bestError = error
  }
  return lambdaGrid[best]!
}

/** One output with one fold held out. */
interface Trial {
  readonly target: Float64Array
  /** f64 [rows]: weights of the rows to fit on, and of those to judge on */
  readonly fitted: Float64Array
  readonly held: Float64Array
  /** Weights of the last fit: where the next starts. */
  start: Float64Array
}

function trialsOf(x: SparseMatrix, outputs: readonly RidgeTargets[], fold: Int32Array): Trial[] {
  const folds = x.rows >= MANY_ROWS ? 1 : FOLDS
  return outputs.flatMap(({ target, weight }) =>
    Array.from({ length: folds }, (_, held): Trial => {
      const part = (inside: boolean) => weight.map((w, row) => ((fold[row] === held) === inside ? w : 0))
      return { target, fitted: part(false), held: part(true), start: new Float64Array(x.columns) }
    }).filter(({ fitted, held }) => fitted.some((w) => w > 0) && held.some((w) => w > 0)),
  )
}

function heldOutError(x: SparseMatrix, trial: Trial, lambda: number): number {
  const { target, fitted, held, start } = trial
  const model = fitRidge(x, target, { lambda, sampleWeights: fitted, start, tolerance: 1e-3 })
  trial.start = model.weights
  let error = 0
  for (let row = 0; row < x.rows; row++) {
    if (held[row]! === 0) continue
    const off = target[row]! - linearRowValue(model, x, row)
    error += held[row]! * off * off
  }
  return error
}

/** A fold 0..4 by a multiplicative hash: neighbouring keys fall apart. */
function foldOf(key: number): number {
  return (Math.imul(key + 1, 0x9e3779b1) >>> 8) % FOLDS
}
