/**
 * Multinomial logistic regression: P(k | x) is proportional to exp(w_k . x + b_k) (Hastie, Tibshirani and Friedman 2009, section 4.4), with
 * a penalty on the squared weights. Minimises cost * sum_i -log P(y_i | x_i) + |W|^2 / 2, as scikit-learn's LogisticRegression does
 * (C is the cost); offsets aren't penalised. Of two classes scikit-learn fits the difference of the weights; to come to the same, each
 * weight counts twice in the penalty here.
 */
import { ShapeError } from '#env/errors.js'
import { type LbfgsOptions, minimise } from './lbfgs.js'

/** What softmax regression has fitted. */
export interface SoftmaxModel {
  /** f64 [K, F] */
  readonly weights: Float64Array
  /** f64 [K]; sums to 0 */
  readonly offsets: Float64Array
}

export interface SoftmaxOptions extends LbfgsOptions {
  /** Of an error, beside the penalty: > 0; larger fits closer. */
  readonly cost: number
}

/**
 * @param rows - [n], each [F]
 * @param labels - [n], 0..K-1
 * @param classes - K, at least 2
 * @throws ShapeError where sizes don't fit, or cost isn't > 0
 * @throws NonFiniteError, IterationLimitError as `minimise` does
 */
export function fitSoftmax(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  classes: number,
  { cost, ...options }: SoftmaxOptions,
): SoftmaxModel {
  const size = rows[0]?.length ?? 0
  if (rows.length === 0 || rows.length !== labels.length || rows.some((row) => row.length !== size)) {
    throw new ShapeError(
      `fitSoftmax: expected rows of one length, and as many labels; got ${rows.length} and ${labels.length}`,
    )
  }
  if (!(cost > 0 && cost < Number.POSITIVE_INFINITY)) {
    throw new ShapeError(`fitSoftmax: expected a cost > 0, got ${cost}`)
  }
  if (classes < 2 || Array.from(labels).some((label) => !Number.isInteger(label) || label < 0 || label >= classes)) {
    throw new ShapeError(`fitSoftmax: expected at least 2 classes, and labels 0..${classes - 1}`)
  }
  const flat = new Float64Array(rows.length * size)
  for (const [n, row] of rows.entries()) flat.set(row, n * size)
  const width = classes * size
  const penalty = classes === 2 ? 2 : 1
  const p = new Float64Array(classes)
  const value = (x: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0)
    let loss = 0
    for (let n = 0; n < rows.length; n++) {
      const from = n * size
      const label = labels[n]!
      let most = Number.NEGATIVE_INFINITY
      for (let k = 0; k < classes; k++) {
        let score = x[width + k]!
        const at = k * size
        for (let f = 0; f < size; f++) score += x[at + f]! * flat[from + f]!
        p[k] = score
        if (score > most) most = score
      }
      let sum = 0
      for (let k = 0; k < classes; k++) sum += Math.exp(p[k]! - most)
      loss += most + Math.log(sum) - p[label]!
      for (let k = 0; k < classes; k++) {
        const error = cost * (Math.exp(p[k]! - most) / sum - (k === label ? 1 : 0))
        const at = k * size
        for (let f = 0; f < size; f++) gradient[at + f]! += error * flat[from + f]!
        gradient[width + k]! += error
      }
    }
    let squares = 0
    for (let j = 0; j < width; j++) {
      squares += x[j]! * x[j]!
      gradient[j]! += penalty * x[j]!
    }
    return cost * loss + (penalty * squares) / 2
  }
  const { x } = minimise(value, new Float64Array(width + classes), options)
  return { weights: x.slice(0, width), offsets: x.slice(width) }
}

/** P(k | x). @param row - [F] @returns f64 [K], sums to 1 */
export function softmaxOf({ weights, offsets }: SoftmaxModel, row: ArrayLike<number>): Float64Array {
  const size = row.length
  if (weights.length !== offsets.length * size) {
    throw new ShapeError(
      `softmaxOf: expected ${weights.length / offsets.length} numbers, got ${size}; the rows that it was fitted on have so many`,
    )
  }
  const scores = offsets.map((offset, k) => {
    let score = offset
    for (let f = 0; f < size; f++) score += weights[k * size + f]! * row[f]!
    return score
  })
  const most = scores.reduce((a, b) => Math.max(a, b))
  const p = scores.map((score) => Math.exp(score - most))
  const sum = p.reduce((a, b) => a + b)
  return p.map((one) => one / sum)
}
