import { describe, expect, it } from 'vitest'
import { denseSolve } from '../testing/dense-solve.js'
import { predictLinear } from './linear-model.js'
import { fitRidge } from './ridge.js'
import { checkSparseMatrix } from './sparse-rows.js'
import { normalEquations, regressionProblem, sparseFrom } from './testing/rows.js'

// scikit-learn 1.9.1, Ridge(alpha=0.7, solver='cholesky') on these rows.
const rows = [
  [1, 0, 2, 0],
  [0, 3, 0, 0],
  [0.5, 0, 0, 1],
  [0, 0, 0, 2],
  [2, 1, 0, 0],
  [0, 0, 1, 1],
]
const targets = [1, 2, 0, -1, 3, 0.5]
const sampleWeights = [1, 2, 0, 1, 0.5, 3]
const frozen = [
  {
    options: { lambda: 0.7 },
    weights: [0.6978886391177179, 0.46024382716449436, -0.04136081939537709, -0.6697309360101429],
    intercept: 0.6699034427761188,
  },
  {
    options: { lambda: 0.7, sampleWeights },
    weights: [0.4438824469872764, 0.2990036535280015, -0.09610703142509165, -0.7582847135581655],
    intercept: 1.1254226777346297,
  },
  {
    options: { lambda: 0.7, intercept: false },
    weights: [0.9207281294705763, 0.66902277953821, 0.17135270583031909, -0.3181666821739712],
    intercept: 0,
  },
  {
    options: { lambda: 0.7, intercept: false, sampleWeights },
    weights: [0.7133782079513015, 0.6659698850025365, 0.3472653727888239, -0.20023326212551576],
    intercept: 0,
  },
]

describe('fitRidge', () => {
  it.each(frozen)('equals scikit-learn with $options', ({ options, weights, intercept }) => {
    const model = fitRidge(sparseFrom(rows), targets, { ...options, tolerance: 1e-12 })
    weights.forEach((w, j) => {
      expect(model.weights[j]).toBeCloseTo(w, 10)
    })
    expect(model.intercept).toBeCloseTo(intercept, 10)
  })

  it.each([
    { n: 40, d: 8 },
    { n: 10, d: 30 },
  ])('equals a dense solve of the normal equations for $n rows of $d features', ({ n, d }) => {
    const { dense, targets: y, x } = regressionProblem(n, d, 0.3, `ridge/${n}`)
    const { matrix, right } = normalEquations(dense, y, 0.5)
    const { weights } = fitRidge(x, y, { lambda: 0.5, intercept: false, tolerance: 1e-13 })
    denseSolve(matrix, right).forEach((w, j) => {
      expect(weights[j]).toBeCloseTo(w, 10)
    })
  })

  it('moves predictions with the targets, and the weights not at all', () => {
    const { targets: y, x } = regressionProblem(30, 5, 0.3, 'shift')
    const before = fitRidge(x, y, { lambda: 1, tolerance: 1e-12 })
    const after = fitRidge(
      x,
      y.map((value) => value + 100),
      { lambda: 1, tolerance: 1e-12 },
    )
    before.weights.forEach((w, j) => {
      expect(after.weights[j]).toBeCloseTo(w, 9)
    })
    expect(after.intercept).toBeCloseTo(before.intercept + 100, 9)
  })

  it('leaves rows of weight 0 out, and starts from a solution without going anywhere', () => {
    const { dense, targets: y, x } = regressionProblem(30, 5, 0.3, 'subset')
    const part = fitRidge(sparseFrom(dense.slice(0, 20)), y.slice(0, 20), { lambda: 1, tolerance: 1e-12 })
    const counted = fitRidge(x, y, { lambda: 1, tolerance: 1e-12, sampleWeights: y.map((_, i) => (i < 20 ? 1 : 0)) })
    part.weights.forEach((w, j) => {
      expect(counted.weights[j]).toBeCloseTo(w, 10)
    })
    expect(
      fitRidge(x, y, { lambda: 1, start: fitRidge(x, y, { lambda: 1, tolerance: 1e-10 }).weights }).iterations,
    ).toBe(0)
  })

  it('ends where the gradient is rounding alone: constant targets, from a start far away', () => {
    const { x } = regressionProblem(30, 5, 0.3, 'constant')
    const constant = new Array<number>(30).fill(0.1)
    const start = Float64Array.of(1e3, -1e3, 1, 1, 1)
    const fit = fitRidge(x, constant, { lambda: 1e-6, tolerance: 1e-6, start })
    for (const w of fit.weights) expect(Math.abs(w)).toBeLessThan(1e-7)
    expect(fit.intercept).toBeCloseTo(0.1, 7)
  })

  it('predicts every row', () => {
    const out = new Float64Array(2)
    predictLinear(
      { weights: Float64Array.of(1, 2), intercept: 0.5 },
      sparseFrom([
        [1, 0],
        [3, 4],
      ]),
      out,
    )
    expect([...out]).toEqual([1.5, 11.5])
    expect(() => predictLinear({ weights: new Float64Array(3), intercept: 0 }, sparseFrom([[1, 1]]), out)).toThrow(
      /expected 2 weights and room for 1 rows, got 3 and 2/,
    )
  })

  it('refuses what it cannot fit', () => {
    const x = sparseFrom(rows)
    expect(() => fitRidge(x, targets, { lambda: 0 })).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
    expect(() => fitRidge(x, [1], { lambda: 1 })).toThrow(/expected 6 targets, got 1/)
    expect(() => fitRidge(x, targets.with(2, Number.NaN), { lambda: 1 })).toThrow(/got NaN at 2/)
    expect(() => fitRidge(x, targets, { lambda: 1, sampleWeights: [0, 0, 0, 0, 0, 0] })).toThrow(/one row that counts/)
    expect(() => fitRidge(x, targets, { lambda: 1e-6, tolerance: 1e-14, maxIterations: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_ITERATION_LIMIT' }),
    )
  })
})

describe('checkSparseMatrix', () => {
  const x = sparseFrom(rows)
  it.each([
    [{ ...x, columns: 3 }, 'ERR_SHAPE'],
    [{ ...x, rowStart: Int32Array.of(0, 1) }, 'ERR_SHAPE'],
    [{ ...x, rowStart: Int32Array.of(0, 3, 2, 4, 5, 7, 9) }, 'ERR_SHAPE'],
    [{ ...x, index: x.index.slice(1) }, 'ERR_SHAPE'],
    [{ ...x, value: x.value.map(() => Number.NaN) }, 'ERR_NON_FINITE'],
  ])('refuses malformed matrix %#', (matrix, code) => {
    expect(() => checkSparseMatrix('test', matrix)).toThrow(expect.objectContaining({ code }))
  })
})
