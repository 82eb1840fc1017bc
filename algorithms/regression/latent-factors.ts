/**
 * Matrix factorisation of a rating table on row features and model embeddings: what model m reaches on a row x is
 * bias_m + sum_k (U^T x)_k V_mk. RouteLLM's matrix factorisation router (Ong et al. 2024, section 4.2) has the same bilinear
 * form, w^T (v_m * (W x)).
 * Deviations: its classifier w is absorbed into V, which isn't normalised; a bias for each model; fitted by squared error to
 * ratings with AdaGrad (Duchi et al. 2011) instead of by pairwise logistic loss with Adam: an outcome table holds ratings.
 * New rows need no embedding of their own: they are projected.
 */

import { NonFiniteError, ShapeError } from '#env/errors.js'
import type { Rng } from '#env/rng.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { standardNormal } from '../standard-normal.js'

export interface FactorConfig {
  /** AdaGrad's step, > 0 */
  readonly rate: number
  /** Penalty of the squares of active entries at each step, >= 0 */
  readonly penalty: number
}

/** Saved by copying the arrays (`scratch` holds nothing between calls). */
export interface FactorState {
  readonly columns: number
  readonly models: number
  readonly rank: number
  /** f64 [columns * rank]: U, a row for each feature */
  readonly projection: Float64Array
  /** f64 [models * (rank + 1)]: V and, last in each row, the bias */
  readonly embedding: Float64Array
  /** Sums of squared gradients, as large as their tables. */
  readonly projectionSum: Float64Array
  readonly embeddingSum: Float64Array
  /** f64 [rank] */
  readonly scratch: Float64Array
}

/** Small normal entries of spread `scale`; biases 0. @throws ShapeError when a size isn't a positive whole number */
export function initFactors(columns: number, models: number, rank: number, rng: Rng, scale = 0.1): FactorState {
  for (const size of [columns, models, rank]) {
    if (!(Number.isInteger(size) && size > 0)) {
      throw new ShapeError(`initFactors: expected positive whole sizes, got ${columns}, ${models}, ${rank}`)
    }
  }
  const embedding = new Float64Array(models * (rank + 1))
  for (let i = 0; i < embedding.length; i++) {
    if (i % (rank + 1) !== rank) embedding[i] = scale * standardNormal(rng)
  }
  return {
    columns,
    models,
    rank,
    projection: Float64Array.from({ length: columns * rank }, () => scale * standardNormal(rng)),
    embedding,
    projectionSum: new Float64Array(columns * rank),
    embeddingSum: new Float64Array(models * (rank + 1)),
    scratch: new Float64Array(rank),
  }
}

/** Scores of all models for a row. Checks nothing: it is inner loops. @param out - f64 [models], written */
export function factorScores(state: FactorState, x: SparseMatrix, row: number, out: Float64Array): void {
  project(state, x, row)
  for (let model = 0; model < state.models; model++) out[model] = scoreOf(state, model)
}

/**
 * One gradient step on (rating - score)^2 / 2 for a row and model. Allocates nothing.
 * @returns the error rating - score before the step
 * @throws ShapeError when row, model or width doesn't fit
 * @throws NonFiniteError when the rating isn't finite
 */
export function factorUpdate(
  state: FactorState,
  x: SparseMatrix,
  row: number,
  model: number,
  rating: number,
  config: FactorConfig,
): number {
  const { columns, rank, projection, embedding, projectionSum, embeddingSum, scratch } = state
  if (!(row >= 0 && row < x.rows && model >= 0 && model < state.models && x.columns === columns)) {
    throw new ShapeError(
      `factorUpdate: row ${row}, model ${model}, width ${x.columns} don't fit ${x.rows} rows, ${state.models} models, width ${columns}`,
    )
  }
  if (!Number.isFinite(rating)) throw new NonFiniteError(`factorUpdate: expected a finite rating, got ${rating}`)
  project(state, x, row)
  const error = rating - scoreOf(state, model)
  const first = model * (rank + 1)
  const end = x.rowStart[row + 1]!
  for (let e = x.rowStart[row]!; e < end; e++) {
    const start = x.index[e]! * rank
    const pull = error * x.value[e]!
    for (let k = 0; k < rank; k++) {
      const gradient = pull * embedding[first + k]! - config.penalty * projection[start + k]!
      step(projection, projectionSum, start + k, gradient, config.rate)
    }
  }
  for (let k = 0; k < rank; k++) {
    const gradient = error * scratch[k]! - config.penalty * embedding[first + k]!
    step(embedding, embeddingSum, first + k, gradient, config.rate)
  }
  step(embedding, embeddingSum, first + rank, error, config.rate)
  return error
}

/** scratch = U^T x */
function project({ rank, projection, scratch }: FactorState, x: SparseMatrix, row: number): void {
  scratch.fill(0)
  for (let e = x.rowStart[row]!; e < x.rowStart[row + 1]!; e++) {
    const start = x.index[e]! * rank
    for (let k = 0; k < rank; k++) scratch[k]! += x.value[e]! * projection[start + k]!
  }
}

function scoreOf({ rank, embedding, scratch }: FactorState, model: number): number {
  const first = model * (rank + 1)
  let sum = embedding[first + rank]!
  for (let k = 0; k < rank; k++) sum += scratch[k]! * embedding[first + k]!
  return sum
}

function step(table: Float64Array, sums: Float64Array, entry: number, gradient: number, rate: number): void {
  sums[entry]! += gradient * gradient
  table[entry]! += (rate / Math.sqrt(1e-12 + sums[entry]!)) * gradient
}
