import { describe, expect, it } from 'vitest'
import { correctedInterval } from './corrected-interval.js'

describe('correctedInterval', () => {
  it('widens the plain t interval by the overlap of the folds', () => {
    // Differences 1..5: mean 3, variance 2.5, t(.975, 4) = 2.7764451052; (1/5 + 1/4) * 2.5 = 1.125.
    const { low, high } = correctedInterval([1, 2, 3, 4, 5], 1 / 4)
    expect(low).toBeCloseTo(3 - 2.7764451052 * Math.sqrt(1.125), 8)
    expect(high).toBeCloseTo(3 + 2.7764451052 * Math.sqrt(1.125), 8)
    // Without test rows it is the plain interval of independent draws: 3 +- 2.776 * sqrt(2.5 / 5).
    expect(correctedInterval([1, 2, 3, 4, 5], 1e-12).high).toBeCloseTo(3 + 2.7764451052 * Math.sqrt(0.5), 6)
  })

  it('has no width where all folds agree, and is narrower at a lower level', () => {
    expect(correctedInterval([0.5, 0.5, 0.5], 0.25)).toEqual({ low: 0.5, high: 0.5 })
    expect(correctedInterval([1, 2, 3], 0.25, 0.5).high).toBeLessThan(correctedInterval([1, 2, 3], 0.25).high)
  })

  it('refuses one fold and a ratio of nothing', () => {
    expect(() => correctedInterval([1], 0.25)).toThrow(/two differences at least/)
    expect(() => correctedInterval([1, 2], 0)).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})
