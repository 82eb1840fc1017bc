import { Rng } from '#env/rng.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { standardNormal } from '../../standard-normal.js'

/** Dense rows as a sparse matrix; zeros are left out. Values should be exact in single precision. */
export function sparseFrom(dense: readonly (readonly number[])[], columns = dense[0]!.length): SparseMatrix {
  const index: number[] = []
  const value: number[] = []
  const rowStart = [0]
  for (const row of dense) {
    row.forEach((x, j) => {
      if (x === 0) return
      index.push(j)
      value.push(x)
    })
    rowStart.push(index.length)
  }
  return {
    rows: dense.length,
    columns,
    rowStart: Int32Array.from(rowStart),
    index: Int32Array.from(index),
    value: Float32Array.from(value),
  }
}

/** Seeded rows with about half zeros, and targets linear in them plus noise. */
export function regressionProblem(rows: number, columns: number, noise: number, seed: string) {
  const rng = new Rng(seed)
  const truth = Array.from({ length: columns }, () => standardNormal(rng))
  const dense = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => (rng.uniform() < 0.5 ? 0 : Math.fround(standardNormal(rng)))),
  )
  const targets = dense.map((row) => row.reduce((sum, x, j) => sum + x * truth[j]!, 0) + noise * standardNormal(rng))
  return { dense, targets, truth, x: sparseFrom(dense) }
}

/** A^T A + lambda I and A^T y of dense rows. */
export function normalEquations(dense: readonly (readonly number[])[], targets: readonly number[], lambda: number) {
  const columns = dense[0]!.length
  const matrix = Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (__, j) =>
      dense.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? lambda : 0),
    ),
  )
  const right = Array.from({ length: columns }, (_, i) => dense.reduce((sum, row, r) => sum + row[i]! * targets[r]!, 0))
  return { matrix, right }
}
