import { describe, expect, it } from 'vitest'
import { sparseFrom } from '../regression/testing/rows.js'
import { leastSquaresConfig, leastSquaresEstimator } from './least-squares-estimator.js'

const input = { numFeatures: 0, observationSize: 2, columns: 2 }
const estimator = (settings: object = {}) => leastSquaresEstimator(input, 2, leastSquaresConfig.parse(settings))
const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12))
const x = sparseFrom([[3, 0]])
const y = sparseFrom([[0, 2]])

describe('settings of least squares', () => {
  it('have defaults', () => {
    expect(leastSquaresConfig.parse({})).toEqual({ lambda: 1, covariance: 'auto', fullLimit: 256 })
  })

  it('end where nothing would fit', () => {
    for (const good of [{ lambda: 1e-9 }, { fullLimit: 1 }, { fullLimit: 8192 }, { covariance: 'full' }]) {
      expect(leastSquaresConfig.safeParse(good).success).toBe(true)
    }
    const bad = [{ lambda: 0 }, { fullLimit: 0 }, { fullLimit: 8193 }, { fullLimit: 1.5 }, { covariance: 'half' }]
    for (const settings of [...bad, { ridge: 1 }]) expect(leastSquaresConfig.safeParse(settings).success).toBe(false)
  })

  it('say when each covariance is kept', () => {
    const kept = (settings: object) => Object.keys(estimator(settings).arrays)
    // Two columns and the intercept.
    expect(kept({ fullLimit: 3 })).toEqual(['weights', 'roots'])
    expect(kept({ fullLimit: 2 })).toEqual(['weights', 'variances'])
    expect(kept({ covariance: 'diagonal' })).toEqual(['weights', 'variances'])
    expect(kept({ covariance: 'full', fullLimit: 3 })).toEqual(['weights', 'roots'])
    expect(() => estimator({ covariance: 'full', fullLimit: 2 })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message:
          'covariance: a full covariance of 3 features takes 1 MiB, fullLimit is 2; use diagonal, encode to fewer columns, or raise fullLimit',
      }),
    )
    const wide = { numFeatures: 1000, observationSize: 23, columns: 1023 }
    // 3 actions of 1024 x 1024 numbers of 8 bytes.
    expect(() => leastSquaresEstimator(wide, 3, { lambda: 1, covariance: 'full', fullLimit: 1023 })).toThrow(
      /of 1024 features takes 24 MiB/,
    )
  })
})

describe('one least squares problem an action', () => {
  // P = I / 2. Of x = (3, 0, 1) the variance is 10 / 2 = 5; target 6 moves by P x 6 / (1 + 5) = (1.5, 0, 0.5).
  it.each(['full', 'diagonal'])('is moved by its own rows only (%s)', (covariance) => {
    const { weights, update, variance } = estimator({ lambda: 2, covariance })
    expect([...weights]).toEqual([0, 0, 0, 0, 0, 0])
    expect([variance!(x, 0), variance!(x, 1), variance!(y, 1)]).toEqual(near([5, 5, 2.5]))
    expect(update(x, 1, 6, 0)).toBeCloseTo(6, 12)
    expect([...weights]).toEqual(near([0, 0, 0, 1.5, 0, 0.5]))
    expect([variance!(x, 0), variance!(y, 0)]).toEqual(near([5, 2.5]))
    // Error: 6 less 1.5 * 3 + 0.5.
    expect(update(x, 1, 6, 0)).toBeCloseTo(1, 12)
    expect(update(y, 0, 7, 0)).toBeCloseTo(7, 12)
    // P y / (1 + 2.5) * 7 with y = (0, 2, 1).
    expect([...weights.subarray(0, 3)]).toEqual(near([0, 2, 1]))
  })

  it('knows x better once it was seen: exactly where the covariance is full', () => {
    const { update, variance, arrays } = estimator({ lambda: 2, covariance: 'full' })
    update(x, 1, 6, 0)
    // 5 / 6; y shares the intercept alone with x: 2.5 - 0.5^2 / 6.
    expect([variance!(x, 1), variance!(y, 1)]).toEqual(near([5 / 6, 2.5 - 0.25 / 6]))
    expect(arrays.roots).toHaveLength(18)
    expect([...arrays.roots!.subarray(0, 9)]).toEqual(near([1, 0, 0, 0, 1, 0, 0, 0, 1].map((i) => i * Math.SQRT1_2)))
  })

  it('knows x better once it was seen: each weight by itself where it is diagonal', () => {
    const { update, variance, arrays } = estimator({ lambda: 2, covariance: 'diagonal' })
    update(x, 1, 6, 0)
    // 0.5 - (0.5 * 3)^2 / 6, 0.5, and 0.5 - 0.5^2 / 6.
    expect([...arrays.variances!]).toEqual(near([0.5, 0.5, 0.5, 0.125, 0.5, 0.5 - 0.25 / 6]))
    expect(variance!(x, 1)).toBeCloseTo(9 * 0.125 + 0.5 - 0.25 / 6, 12)
  })

  it('reads a row to its end, whatever stands behind it', () => {
    const longer = { ...x, index: Int32Array.of(0, 1), value: Float32Array.of(3, 9) }
    for (const covariance of ['full', 'diagonal']) {
      expect(estimator({ lambda: 2, covariance }).variance!(longer, 0)).toBeCloseTo(5, 12)
    }
  })

  it('keeps its numbers in the arrays that it names', () => {
    for (const covariance of ['full', 'diagonal']) {
      const { weights, arrays } = estimator({ covariance })
      expect(arrays.weights).toBe(weights)
    }
  })
})
