import { describe, expect, it } from 'vitest'
import { serviceLaw } from './service-law.js'

describe('how long a service takes', () => {
  it('by a chance a tick: that chance, and as many ticks as its inverse', () => {
    const { hazard, rate } = serviceLaw(0.25, 1000)
    expect([...hazard]).toEqual([0.25])
    expect(rate).toBe(0.25)
  })

  it('by one quantile: the one chance a tick that has it', () => {
    // Half are answered within 2 ticks: (1 - p)^2 = 1/2.
    const { hazard, rate } = serviceLaw({ quantiles: [[0.5, 2000]] }, 1000)
    expect(hazard).toHaveLength(1)
    expect(hazard[0]).toBeCloseTo(1 - Math.SQRT1_2, 12)
    expect(rate).toBeCloseTo(hazard[0]!, 12)
    // Ticks of half the length: the chance of two of them is the same.
    const half = serviceLaw({ quantiles: [[0.5, 2000]] }, 500).hazard[0]!
    expect(1 - (1 - half) ** 2).toBeCloseTo(hazard[0]!, 12)
  })

  it('by two quantiles: each has its share, and beyond the last the chance stays', () => {
    // 1/2 within 2 ticks, 3/4 within 3: p = 1 - sqrt(1/2) in the first two ticks, 1/2 from then on.
    const { hazard, rate } = serviceLaw(
      {
        quantiles: [
          [0.5, 2000],
          [0.75, 3000],
        ],
      },
      1000,
    )
    const p = 1 - Math.SQRT1_2
    expect(hazard).toHaveLength(4)
    ;[p, p, 0.5, 0.5].forEach((chance, k) => {
      expect(hazard[k]).toBeCloseTo(chance, 12)
    })
    // Mean = 1 + sqrt(1/2) + 1/2 * (1 + 1/2 + 1/4 + ...) = 2 + sqrt(1/2).
    expect(1 / rate).toBeCloseTo(2 + Math.SQRT1_2, 12)
  })

  it('begins after a least time, and shares a tick between two laws', () => {
    // Nothing within 1.5 ticks; the share of 3/4 at 2 ticks: in half a tick the logarithm falls by ln 4, in a whole one by ln 16.
    const { hazard, rate } = serviceLaw(
      {
        quantiles: [
          [0, 1500],
          [0.75, 2000],
        ],
      },
      1000,
    )
    expect(hazard[0]).toBeCloseTo(0, 12)
    expect(hazard[1]).toBeCloseTo(3 / 4, 12)
    expect(hazard[2]).toBeCloseTo(15 / 16, 12)
    expect(1 / rate).toBeCloseTo(2 + (1 / 4) * (16 / 15), 12)
  })
})
