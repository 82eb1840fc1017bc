import { ShapeError } from '#env/errors.js'

/** What logistic regression has fitted: P(true) = sigmoid(weights . row + offset). */
export interface Logistic {
  /** [F] */
  readonly weights: readonly number[]
  readonly offset: number
}

/** Chance that a row is true, in (0, 1). */
export function logistic({ weights, offset }: Logistic, row: readonly number[]): number {
  return 1 / (1 + Math.exp(-weights.reduce((sum, weight, f) => sum + weight * row[f]!, offset)))
}

/**
 * Logistic regression by Newton's method (iteratively reweighted least squares; Hastie, Tibshirani and Friedman 2009, section 4.4.1),
 * for few features.
 * @param rows - [n][F]
 * @param isTrue - [n]
 * @param l2 - pulls weights towards 0, the offset aside
 * @throws ShapeError where there are no rows, or not as many as answers
 */
export function fitLogistic(rows: readonly (readonly number[])[], isTrue: readonly boolean[], l2 = 1e-3): Logistic {
  if (rows.length === 0 || rows.length !== isTrue.length) {
    throw new ShapeError(
      `fitLogistic: expected as many rows as answers, and at least one; got ${rows.length} and ${isTrue.length}`,
    )
  }
  const size = rows[0]!.length + 1
  // Row by row, a 1 for the offset at the end.
  const x = new Float64Array(rows.length * size).fill(1)
  for (const [n, row] of rows.entries()) x.set(row, n * size)
  const weights = new Float64Array(size)
  const gradient = new Float64Array(size)
  const hessian = Array.from({ length: size }, () => new Float64Array(size))
  for (let round = 0; round < 50; round++) {
    gradient.fill(0)
    for (const line of hessian) line.fill(0)
    for (let n = 0; n < rows.length; n++) {
      const from = n * size
      let sum = 0
      for (let f = 0; f < size; f++) sum += weights[f]! * x[from + f]!
      const p = 1 / (1 + Math.exp(-sum))
      const weight = Math.max(p * (1 - p), 1e-12)
      const error = (isTrue[n] ? 1 : 0) - p
      for (let f = 0; f < size; f++) {
        const own = x[from + f]!
        if (own === 0) continue
        gradient[f]! += error * own
        const line = hessian[f]!
        // The lower triangle mirrors the upper one.
        for (let g = f; g < size; g++) line[g]! += weight * own * x[from + g]!
      }
    }
    for (let f = 0; f < size; f++) {
      for (let g = 0; g < f; g++) hessian[f]![g] = hessian[g]![f]!
      if (f === size - 1) continue
      gradient[f]! -= l2 * weights[f]!
      hessian[f]![f]! += l2
    }
    const step = solve(hessian, gradient)
    let longest = 0
    for (let f = 0; f < size; f++) {
      weights[f]! += step[f]!
      longest = Math.max(longest, Math.abs(step[f]!))
    }
    if (longest < 1e-10) break
  }
  return { weights: [...weights.subarray(0, -1)], offset: weights[size - 1]! }
}

/** Gaussian elimination with pivoting; changes both. A direction that nothing tells of stays 0. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const size = right.length
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let r = column + 1; r < size; r++) {
      if (Math.abs(matrix[r]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = r
    }
    ;[matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!]
    ;[right[column], right[pivot]] = [right[pivot]!, right[column]!]
    if (Math.abs(matrix[column]![column]!) < 1e-12) continue
    for (let r = column + 1; r < size; r++) {
      const factor = matrix[r]![column]! / matrix[column]![column]!
      for (let c = column; c < size; c++) matrix[r]![c]! -= factor * matrix[column]![c]!
      right[r]! -= factor * right[column]!
    }
  }
  const solution = new Float64Array(size)
  for (let r = size - 1; r >= 0; r--) {
    let rest = right[r]!
    for (let c = r + 1; c < size; c++) rest -= matrix[r]![c]! * solution[c]!
    solution[r] = Math.abs(matrix[r]![r]!) < 1e-12 ? 0 : rest / matrix[r]![r]!
  }
  return solution
}
