import { describe, expect, it } from 'vitest'
import { IterationLimitError, NonFiniteError, ShapeError } from '#env/errors.js'
import { minimise } from './lbfgs.js'
import { fitSoftmax, softmaxOf } from './softmax.js'

const rows = [
  [1, 0],
  [0.9, 0.3],
  [0.2, 1],
  [0, 0.8],
  [-1, -0.5],
  [-0.7, -1],
  [0.5, 0.5],
  [-0.2, 0.1],
]
const three = [0, 0, 1, 1, 2, 2, 1, 0]

describe('softmax regression', () => {
  // scikit-learn 1.9.1, LogisticRegression(C=2, tol=1e-10): experiments/peers/softmax-sklearn.py --known.
  it.each([
    [
      three,
      3,
      [0.96724801, -0.36810446, 0.03928058, 1.42237157, -1.00652859, -1.05426711],
      [0.35985873, 0.00522261, -0.36508134],
    ],
    [three.map((label) => label % 2), 2, [0.03468597, -0.86933857, -0.03468597, 0.86933857], [0.45617818, -0.45617818]],
  ])('comes to the coefficients of scikit-learn: %j', (labels, classes, weights, offsets) => {
    const fitted = fitSoftmax(rows, labels, classes, { cost: 2 })
    weights.forEach((weight, j) => {
      expect(fitted.weights[j]).toBeCloseTo(weight, 6)
    })
    offsets.forEach((offset, k) => {
      expect(fitted.offsets[k]).toBeCloseTo(offset, 6)
    })
  })

  it('has its shares at the shares of the classes where rows tell nothing', () => {
    const model = fitSoftmax(
      three.map(() => [0]),
      three,
      3,
      { cost: 1 },
    )
    const p = softmaxOf(model, [0])
    expect(p[0]).toBeCloseTo(3 / 8, 8)
    expect(p[1]).toBeCloseTo(3 / 8, 8)
    expect(p[2]).toBeCloseTo(2 / 8, 8)
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  })

  it('stays finite for rows that are far away', () => {
    const model = fitSoftmax([[1000], [-1000]], [0, 1], 2, { cost: 1e-3 })
    expect([...softmaxOf(model, [1e6])]).toEqual([1, 0])
  })

  it.each([
    [[], [], 2, 1],
    [[[1], [1, 2]], [0, 1], 2, 1],
    [[[1], [2]], [0], 2, 1],
    [[[1], [2]], [0, 2], 2, 1],
    [[[1], [2]], [0, 0], 1, 1],
    [[[1], [2]], [0, 1], 2, 0],
  ])('refuses what does not fit: %j', (some, labels, classes, cost) => {
    expect(() => fitSoftmax(some, labels, classes, { cost })).toThrow(ShapeError)
  })

  it('refuses a row of another length', () => {
    expect(() => softmaxOf(fitSoftmax(rows, three, 3, { cost: 1 }), [1])).toThrow('expected 2 numbers, got 1')
  })
})

describe('L-BFGS', () => {
  /** Rosenbrock's valley: its minimum is 0 at (1, 1). */
  const valley = ([x, y]: Float64Array, gradient: Float64Array) => {
    gradient[0] = -2 * (1 - x!) - 400 * x! * (y! - x! * x!)
    gradient[1] = 200 * (y! - x! * x!)
    return (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2
  }

  it('finds the end of a bent valley', () => {
    const start = Float64Array.from([-1.2, 1])
    const { x, iterations } = minimise(valley, start)
    expect(x[0]).toBeCloseTo(1, 7)
    expect(x[1]).toBeCloseTo(1, 7)
    expect(iterations).toBeLessThan(60)
    expect([...start]).toEqual([-1.2, 1])
  })

  it('says where it does not come to an end, or cannot begin', () => {
    expect(() => minimise(valley, Float64Array.from([-1.2, 1]), { maxIterations: 3 })).toThrow(IterationLimitError)
    expect(() => minimise(() => Number.NaN, new Float64Array(1))).toThrow(NonFiniteError)
  })

  it('stays where nothing is to gain', () => {
    expect(minimise(valley, Float64Array.from([1, 1]))).toEqual({ x: Float64Array.from([1, 1]), iterations: 0 })
  })
})
