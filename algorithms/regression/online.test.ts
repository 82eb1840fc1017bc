import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { diagonalMean, diagonalUpdate, diagonalVariance, initDiagonal } from './diagonal-least-squares.js'
import { initLinearQ, linearQUpdate, linearQValue, type StepSchedule } from './gradient-descent.js'
import {
  initLeastSquares,
  leastSquaresMean,
  leastSquaresUpdate,
  leastSquaresVariance,
} from './recursive-least-squares.js'
import { fitRidge } from './ridge.js'
import { regressionProblem, sparseFrom } from './testing/rows.js'

describe('recursive least squares', () => {
  it('is the ridge solution after any number of rows, to 1e-9', () => {
    const { dense, targets } = regressionProblem(200, 12, 0.5, 'rls')
    const state = initLeastSquares(12, 0.8)
    dense.forEach((row, i) => {
      leastSquaresUpdate(state, Float64Array.from(row), targets[i]!)
      if (i !== 4 && i !== 199) return
      const options = { lambda: 0.8, intercept: false, tolerance: 1e-13 }
      fitRidge(sparseFrom(dense.slice(0, i + 1)), targets.slice(0, i + 1), options).weights.forEach((w, j) => {
        expect(Math.abs(state.mean[j]! - w)).toBeLessThan(1e-9)
      })
    })
  })

  it('keeps the covariance: one row of length 1 halves the variance along it, at lambda 1', () => {
    const state = initLeastSquares(2, 1)
    const x = Float64Array.of(0.6, 0.8)
    expect(leastSquaresUpdate(state, x, 3)).toBe(3)
    expect(leastSquaresVariance(state, x)).toBeCloseTo(0.5, 12)
    expect(leastSquaresVariance(state, Float64Array.of(0.8, -0.6))).toBeCloseTo(1, 12)
    expect(leastSquaresMean(state, x)).toBeCloseTo(1.5, 12)
  })

  it('stays definite over 20000 nearly dependent rows', () => {
    const state = initLeastSquares(3, 1e-6)
    const rng = new Rng('dependent')
    for (let i = 0; i < 20_000; i++) {
      const a = rng.uniform()
      leastSquaresUpdate(state, Float64Array.of(a, a + 1e-7 * rng.uniform(), 1), 2 * a + 1)
    }
    expect(leastSquaresVariance(state, Float64Array.of(1, -1, 0))).toBeGreaterThan(0)
    expect(leastSquaresMean(state, Float64Array.of(0.5, 0.5, 1))).toBeCloseTo(2, 6)
  })

  it('goes on exactly from a copy, and refuses what does not fit', () => {
    const state = initLeastSquares(2, 1)
    leastSquaresUpdate(state, Float64Array.of(1, 2), 1)
    const copy = structuredClone(state)
    leastSquaresUpdate(state, Float64Array.of(0, 1), 5)
    leastSquaresUpdate(copy, Float64Array.of(0, 1), 5)
    expect(copy).toEqual(state)
    expect(() => leastSquaresUpdate(state, Float64Array.of(1), 1)).toThrow(/expected 2 features, got 1/)
    expect(() => leastSquaresUpdate(state, Float64Array.of(1, 1), Number.NaN)).toThrow(
      expect.objectContaining({ code: 'ERR_NON_FINITE' }),
    )
    // What was refused has changed nothing; scratch holds nothing between calls.
    expect({ ...state, scratch: copy.scratch }).toEqual(copy)
    expect(() => initLeastSquares(2, 0)).toThrow(/lambda > 0/)
  })
})

describe('diagonal least squares', () => {
  it('is exact where features never meet: each is shrunk by its own count', () => {
    // With the intercept held at 0 (no variance), a feature that was 1 on n rows of target y has n y / (n + 1).
    const x = sparseFrom([
      [1, 0],
      [0, 1],
    ])
    const state = initDiagonal(2, 1)
    state.variance[2] = 0
    for (let i = 0; i < 3; i++) diagonalUpdate(state, x, 0, 4)
    diagonalUpdate(state, x, 1, -2)
    expect(diagonalMean(state, x, 0)).toBeCloseTo(3, 12)
    expect(diagonalMean(state, x, 1)).toBeCloseTo(-1, 12)
    expect(diagonalVariance(state, x, 0)).toBeCloseTo(0.25, 12)
  })

  it('comes near the truth on independent features, and only ever grows surer', () => {
    const { x, targets } = regressionProblem(3000, 10, 0.1, 'diagonal')
    const state = initDiagonal(10, 1)
    const before = state.variance.slice()
    let squared = 0
    for (let i = 0; i < x.rows; i++) {
      const error = diagonalUpdate(state, x, i, targets[i]!)
      if (i >= 2000) squared += error * error
    }
    expect(Math.sqrt(squared / 1000)).toBeLessThan(0.15)
    state.variance.forEach((v, j) => {
      expect(v).toBeLessThan(before[j]!)
      expect(v).toBeGreaterThan(0)
    })
  })

  it('refuses rows and targets that do not fit', () => {
    const state = initDiagonal(2, 1)
    expect(() => diagonalUpdate(state, sparseFrom([[1, 1, 1]]), 0, 1)).toThrow(/width 3 doesn't fit 1 rows, width 2/)
    expect(() => diagonalUpdate(state, sparseFrom([[1, 1]]), 1, 1)).toThrow(
      expect.objectContaining({ code: 'ERR_SHAPE' }),
    )
    expect(() => diagonalUpdate(state, sparseFrom([[1, 1]]), 0, Number.NaN)).toThrow(/finite target/)
  })
})

describe('linear Q', () => {
  const schedules: StepSchedule[] = [
    { kind: 'constant', rate: 0.05 },
    { kind: 'count', rate: 0.1, power: 0.25 },
    { kind: 'adagrad', rate: 0.3 },
  ]

  it.each(schedules)('recovers noiseless targets of each action with $kind steps', (schedule) => {
    const { x, targets } = regressionProblem(100, 6, 0, 'noiseless')
    const state = initLinearQ(2, 6)
    for (let pass = 0; pass < 150; pass++) {
      for (let i = 0; i < x.rows; i++) {
        linearQUpdate(state, x, i, 0, targets[i]! + 2, schedule)
        linearQUpdate(state, x, i, 1, -targets[i]!, schedule)
      }
    }
    for (let i = 0; i < x.rows; i++) {
      expect(Math.abs(linearQValue(state, x, i, 0) - targets[i]! - 2)).toBeLessThan(1e-3)
      expect(Math.abs(linearQValue(state, x, i, 1) + targets[i]!)).toBeLessThan(1e-3)
    }
  })

  it('comes to the ridge solution with a penalty of lambda over the rows that have the feature', () => {
    const { x, targets } = regressionProblem(120, 6, 0.5, 'noisy')
    const lambda = 20
    const counts = new Float64Array(6)
    x.index.forEach((j) => {
      counts[j]! += 1
    })
    const penalty = counts.map((n) => lambda / n)
    const state = initLinearQ(1, 6)
    for (let pass = 0; pass < 2000; pass++) {
      for (let i = 0; i < x.rows; i++) {
        linearQUpdate(state, x, i, 0, targets[i]!, { kind: 'count', rate: 0.5, power: 0.8 }, penalty)
      }
    }
    const ridge = fitRidge(x, targets, { lambda, tolerance: 1e-12 })
    ridge.weights.forEach((w, j) => {
      expect(Math.abs(state.weights[j]! - w)).toBeLessThan(5e-3)
    })
    expect(Math.abs(state.weights[6]! - ridge.intercept)).toBeLessThan(5e-3)
  })

  it('goes on exactly from a copy, touches its own action only, refuses what does not fit', () => {
    const x = sparseFrom([[1, 2]])
    const state = initLinearQ(2, 2)
    const schedule: StepSchedule = { kind: 'adagrad', rate: 0.1 }
    expect(linearQUpdate(state, x, 0, 1, 3, schedule)).toBe(3)
    expect([...state.weights.subarray(0, 3)]).toEqual([0, 0, 0])
    const copy = structuredClone(state)
    linearQUpdate(state, x, 0, 1, 1, schedule)
    linearQUpdate(copy, x, 0, 1, 1, schedule)
    expect(copy).toEqual(state)
    expect(() => linearQUpdate(state, x, 0, 2, 1, schedule)).toThrow(/action 2/)
    expect(() => linearQUpdate(state, x, 0, 0, Number.POSITIVE_INFINITY, schedule)).toThrow(/finite target/)
    expect(() => initLinearQ(0, 2)).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})
