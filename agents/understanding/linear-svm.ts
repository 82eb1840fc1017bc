/**
 * Linear support vector machines, one class against the rest, with squared hinge loss: the weights that minimise
 * |w|^2 / 2 + C sum_i max(0, 1 - y_i (w.x_i + b))^2, b as the weight of a constant 1. Dual coordinate descent with shrinking (Hsieh,
 * Chang, Lin, Keerthi and Sundararajan 2008, algorithm 3), as liblinear and scikit-learn's LinearSVC have it.
 */

import { addRow, rowDot, rowSquaredNorm } from '#algorithms/regression/sparse-rows.js'
import type { Rng } from '#env/rng.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'

export interface SvmOptions {
  /** C: how much a row on the wrong side costs. */
  readonly cost: number
  /** Stops when no dual variable violates its condition by more than half of this; liblinear's 0.1. */
  readonly tolerance: number
  readonly maxPasses: number
}

/**
 * Fits one class against the rest.
 * @param isClass - for each row, whether it is of the class
 * @param rng - the order in which rows are visited
 * @returns f64 [columns + 1], the last one of the constant
 */
export function fitSvm(
  x: SparseMatrix,
  isClass: (row: number) => boolean,
  { cost, tolerance, maxPasses }: SvmOptions,
  rng: Rng,
): Float64Array {
  const { rows, columns } = x
  const weights = new Float64Array(columns + 1)
  const alpha = new Float64Array(rows)
  const diagonal = 1 / (2 * cost)
  const curvature = Float64Array.from({ length: rows }, (_, i) => rowSquaredNorm(x, i) + 1 + diagonal)
  const sign = Int8Array.from({ length: rows }, (_, i) => (isClass(i) ? 1 : -1))
  const order = Int32Array.from({ length: rows }, (_, i) => i)
  let active = rows
  let bound = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < maxPasses; pass++) {
    let most = Number.NEGATIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    for (let s = 0; s < active; s++) {
      swap(order, s, s + rng.integer(active - s))
      const i = order[s]!
      const y = sign[i]!
      const gradient = y * (rowDot(x, i, weights) + weights[columns]!) - 1 + diagonal * alpha[i]!
      let projected = gradient
      if (alpha[i] === 0) {
        if (gradient > bound) {
          swap(order, s, --active)
          s--
          continue
        }
        projected = Math.min(gradient, 0)
      }
      most = Math.max(most, projected)
      least = Math.min(least, projected)
      if (Math.abs(projected) < 1e-12) continue
      const before = alpha[i]!
      alpha[i] = Math.max(before - gradient / curvature[i]!, 0)
      const step = (alpha[i]! - before) * y
      addRow(x, i, step, weights)
      weights[columns]! += step
    }
    if (most - least <= tolerance) {
      if (active === rows) break
      // What was set aside gets another look.
      active = rows
      bound = Number.POSITIVE_INFINITY
      continue
    }
    bound = most > 0 ? most : Number.POSITIVE_INFINITY
  }
  return weights
}

function swap(order: Int32Array, a: number, b: number): void {
  const one = order[a]!
  order[a] = order[b]!
  order[b] = one
}
