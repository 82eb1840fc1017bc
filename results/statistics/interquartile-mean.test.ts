import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interquartileMean } from './interquartile-mean.js'

describe('interquartileMean', () => {
  it.each([
    // floor(n/4) dropped at each end, the rest averaged; equal to scipy 1.17.1 trim_mean(values, 0.25).
    { values: [3, 1, 2], expected: 2 },
    { values: [1, 2, 3, 4], expected: 2.5 },
    { values: [5, 1, 4, 2, 3], expected: 3 },
    { values: [1, 2, 3, 4, 5, 6, 7, 100], expected: 4.5 },
    { values: [9, 1, 8, 2, 7, 3, 6, 4, 5, 1000], expected: 5.5 },
  ])('of $values is $expected', ({ values, expected }) => {
    expect(interquartileMean(values)).toBeCloseTo(expected, 12)
  })

  it('leaves its argument as it was', () => {
    const values = [3, 1, 2, 5]
    interquartileMean(values)
    expect(values).toEqual([3, 1, 2, 5])
  })

  it('lies within the range, whatever the order, and follows a change of scale', () => {
    const scores = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(scores, (values) => {
        const iqm = interquartileMean(values)
        expect(iqm).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6)
        expect(iqm).toBeLessThanOrEqual(Math.max(...values) + 1e-6)
        expect(interquartileMean([...values].reverse())).toBe(iqm)
        expect(interquartileMean(values.map((value) => 3 * value - 1))).toBeCloseTo(3 * iqm - 1, 4)
      }),
    )
  })

  it('refuses to average nothing', () => {
    expect(() => interquartileMean([])).toThrowError(
      expect.objectContaining({ code: 'ERR_SHAPE', message: expect.stringContaining('at least one value') }),
    )
  })
})
