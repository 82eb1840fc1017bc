import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tQuantile } from './t-quantile.js'

describe('tQuantile', () => {
  it.each([
    // Closed forms: one degree is Cauchy, tan(pi (p - 1/2)); two degrees, (2p - 1) sqrt(2 / (1 - (2p - 1)^2)).
    [0.975, 1, Math.tan(0.475 * Math.PI)],
    [0.975, 2, 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))],
    // Printed tables, to six digits and more.
    [0.975, 4, 2.7764451052],
    [0.975, 9, 2.2621571628],
    [0.975, 24, 2.0638985616],
    [0.975, 30, 2.0422724563],
    [0.95, 24, 1.7108820799],
    [0.995, 10, 3.1692726726],
    // Close to the normal quantile 1.9599639845 + (z^3 + z) / (4 * 100000).
    [0.975, 100_000, 1.9599639845 + (1.9599639845 ** 3 + 1.9599639845) / 400_000],
  ])('of %d with %d degrees is %d', (p, degrees, expected) => {
    expect(Math.abs(tQuantile(p, degrees) - expected)).toBeLessThan(1e-6)
  })

  it('is odd about the median and grows with p', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.501, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 60 }), (p, degrees) => {
        expect(tQuantile(1 - p, degrees)).toBeCloseTo(-tQuantile(p, degrees), 6)
        expect(tQuantile(p + 0.0005, degrees)).toBeGreaterThan(tQuantile(p, degrees))
      }),
    )
    expect(tQuantile(0.5, 7)).toBeCloseTo(0, 12)
  })

  it.each([
    [0, 5],
    [1, 5],
    [Number.NaN, 5],
    [0.9, 0],
    [0.9, 2.5],
  ])('refuses p %d with %d degrees', (p, degrees) => {
    expect(() => tQuantile(p, degrees)).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})
