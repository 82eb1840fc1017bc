import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { type SparseMatrix, SparseMatrixBuilder, SparseVector } from '#env/sparse-matrix.js'
import { fitSvm } from './linear-svm.js'

function matrix(rows: readonly (readonly number[])[]): SparseMatrix {
  const builder = new SparseMatrixBuilder()
  for (const values of rows) {
    const row = new SparseVector()
    values.forEach((value, column) => {
      if (value !== 0) row.push(column, value)
    })
    builder.add(row)
  }
  return builder.build(rows[0]!.length)
}

const exact = { tolerance: 1e-9, maxPasses: 20_000 }

describe('a support vector machine', () => {
  it.each([0.25, 1, 10])('has the known weight of two points, C = %d', (cost) => {
    // At x = 1 and -1: w^2 / 2 + 2 C (1 - w)^2 is least at w = 4 C / (1 + 4 C), and b = 0.
    const weights = fitSvm(matrix([[1], [-1]]), (row) => row === 0, { cost, ...exact }, new Rng('two'))
    expect(weights[0]).toBeCloseTo((4 * cost) / (1 + 4 * cost), 7)
    expect(weights[1]).toBeCloseTo(0, 7)
  })

  it('is where the gradient of the whole loss is 0', () => {
    const rng = new Rng('gradient')
    const rows = Array.from({ length: 60 }, () =>
      Array.from({ length: 8 }, () => (rng.uniform() < 0.5 ? 0 : rng.uniform() - 0.3)),
    )
    const sign = rows.map((row) => (row[0]! + 0.5 * rng.uniform() > 0.3 ? 1 : -1))
    const cost = 2
    const weights = fitSvm(matrix(rows), (row) => sign[row] === 1, { cost, ...exact }, new Rng('fit'))
    const gradient = Array.from(weights)
    rows.forEach((row, i) => {
      const x = [...row.map(Math.fround), 1]
      const slack = 1 - sign[i]! * x.reduce((sum, value, c) => sum + value * weights[c]!, 0)
      for (let c = 0; slack > 0 && c < x.length; c++) gradient[c]! -= 2 * cost * slack * sign[i]! * x[c]!
    })
    for (const g of gradient) expect(Math.abs(g)).toBeLessThan(1e-5)
  })

  it('is the same for the same seed, and stands a single class', () => {
    const x = matrix([
      [1, 2],
      [2, 1],
      [0, 1],
    ])
    const options = { cost: 1, tolerance: 0.1, maxPasses: 100 }
    const fitted = (seed: string) => [...fitSvm(x, (row) => row === 0, options, new Rng(seed))]
    expect(fitted('a')).toEqual(fitted('a'))
    const all = fitSvm(x, () => true, { cost: 1, ...exact }, new Rng('one'))
    expect(all[0]! + 2 * all[1]! + all[2]!).toBeGreaterThan(0.5)
  })
})
