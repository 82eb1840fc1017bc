import { describe, expect, it } from 'vitest'
import { ShapeError } from '#env/errors.js'
import { fitLogistic, logistic } from './logistic.js'

describe('logistic regression', () => {
  it('of one yes or no gives the logarithms of the odds', () => {
    // 3 of 4 true where x is 1, 1 of 5 where it is 0: odds 3 and 1/4.
    const rows = [1, 1, 1, 1, 0, 0, 0, 0, 0].map((x) => [x])
    const isTrue = [true, true, true, false, true, false, false, false, false]
    const { weights, offset } = fitLogistic(rows, isTrue, 0)
    expect(offset).toBeCloseTo(Math.log(1 / 4), 9)
    expect(weights[0]).toBeCloseTo(Math.log(12), 9)
    expect(logistic({ weights, offset }, [1])).toBeCloseTo(0.75, 9)
  })

  it('has a gradient of 0 where it stops, the pull towards 0 with it', () => {
    const rows = Array.from({ length: 40 }, (_, n) => [Math.sin(n), Math.cos(3 * n), n % 3])
    const isTrue = rows.map(([a, b], n) => a! + 0.5 * b! + Math.sin(7 * n) > 0.2)
    const l2 = 0.7
    const fitted = fitLogistic(rows, isTrue, l2)
    const errors = rows.map((row, n) => (isTrue[n] ? 1 : 0) - logistic(fitted, row))
    for (let f = 0; f < 3; f++) {
      const gradient = errors.reduce((sum, error, n) => sum + error * rows[n]![f]!, 0) - l2 * fitted.weights[f]!
      expect(gradient).toBeCloseTo(0, 7)
    }
    expect(errors.reduce((sum, error) => sum + error, 0)).toBeCloseTo(0, 7)
  })

  it('stands columns that say nothing, and refuses to learn from nothing', () => {
    const { weights } = fitLogistic(
      [
        [0, 1],
        [0, 2],
        [0, 1.5],
      ],
      [true, false, false],
      0.1,
    )
    expect(weights[0]).toBe(0)
    expect(() => fitLogistic([], [])).toThrow(ShapeError)
    expect(() => fitLogistic([[1]], [])).toThrow(/got 1 and 0/)
  })
})
