import { describe, expect, it } from 'vitest'
import { power } from './power.js'

describe('power', () => {
  it.each([
    [0.9, 1, 0.9],
    [0.9, 0, 1],
    [0, 0, 1],
    [0, 1, 0],
    [0, 2.5, 0],
    [1, 7.5, 1],
    [1, 1e300, 1],
  ])('is exact: %d ^ %d = %d', (base, exponent, expected) => {
    expect(power(base, exponent)).toBe(expected)
  })

  it('is a power within rounding', () => {
    expect(power(0.9, 10)).toBeCloseTo(0.3486784401, 15)
    expect(power(0.25, 0.5)).toBeCloseTo(0.5, 15)
    expect(power(0.5, 1e9)).toBe(0)
  })
})
