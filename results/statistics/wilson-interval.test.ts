import { describe, expect, it } from 'vitest'
import { wilsonInterval } from './wilson-interval.js'

describe('the interval of a share', () => {
  // Wilson 1927; R: prop.test(x, n, correct = FALSE)$conf.int
  it.each([
    [10, 10, 0.7224672, 1],
    [0, 10, 0, 0.2775328],
    [1, 1, 0.2065493, 1],
    [5, 10, 0.2365931, 0.7634069],
    [81, 263, 0.2552864, 0.3661929],
  ])('of %i of %i is %f to %f', (successes, count, low, high) => {
    const interval = wilsonInterval(successes, count)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  it('of nothing is anything, and of no counts an error', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
    expect(() => wilsonInterval(2, 1)).toThrow('got 2 of 1')
    expect(() => wilsonInterval(Number.NaN, 1)).toThrow('expected 0 <= successes')
  })
})
