import { describe, expect, it } from 'vitest'
import { normalisedScore, rangeOf, regret } from './score-scale.js'

describe('the scale of scores', () => {
  it('puts the optimum at 1 and random at 0', () => {
    const scale = { optimum: 10, random: 2 }
    expect([normalisedScore(10, scale), normalisedScore(2, scale), normalisedScore(4, scale)]).toEqual([1, 0, 0.25])
    expect([regret(10, scale), regret(2, scale), regret(0, scale)]).toEqual([0, 1, 1.25])
  })

  it('has no range where an end is unknown, random is better, or both are the same but for what solvers leave open', () => {
    expect(rangeOf({ optimum: null, random: 0 })).toBeNull()
    expect(rangeOf({ optimum: 1, random: null })).toBeNull()
    expect(rangeOf({ optimum: 1, random: 2 })).toBeNull()
    expect(rangeOf({ optimum: 48.085, random: 48.085 - 1e-8, resolution: 1e-7 })).toBeNull()
    expect(rangeOf({ optimum: 48.085, random: 48.085 - 2e-7, resolution: 1e-7 })).not.toBeNull()
    // What f64 resolves counts in any case.
    expect(rangeOf({ optimum: 1e9, random: 1e9 - 1e-5 })).toBeNull()
    expect([regret(48, { optimum: 48.085, random: 48.085 - 1e-8, resolution: 1e-7 })]).toEqual([null])
  })
})
