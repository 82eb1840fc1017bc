import { describe, expect, it } from 'vitest'
import { mean } from './mean.js'
import { optimalityGap } from './optimality-gap.js'
import { performanceProfile } from './performance-profile.js'
import { probabilityOfImprovement } from './probability-of-improvement.js'
import { quantile } from './quantile.js'
import { normalisedScore, regret } from './score-scale.js'

describe('regret and normalised score', () => {
  it('mean nothing where acting at random is as good as anything, or better by rounding', () => {
    for (const random of [5, 5 + 1e-9]) {
      expect(regret(5, { optimum: 5, random })).toBeNull()
      expect(normalisedScore(5, { optimum: 5, random })).toBeNull()
    }
  })

  // routing-dispatch, margin minus delay: (72.371772 - 67.366698) / (72.371772 - 24.776979) = 5.005074 / 47.594793.
  const scale = { optimum: 72.371772413, random: 24.77697911 }

  it('give the published 10.5% of the best scripted policy', () => {
    expect(regret(67.3666983, scale)).toBeCloseTo(0.10516, 5)
    expect(normalisedScore(67.3666983, scale)).toBeCloseTo(1 - 0.10516, 5)
  })

  it('put the optimum at 0 and random at 1, and worse than random above it', () => {
    expect(regret(72.371772413, scale)).toBe(0)
    expect(regret(24.77697911, scale)).toBe(1)
    expect(regret(-33.99548546, scale)).toBeCloseTo(2.2349, 4)
  })

  it.each([
    { optimum: null, random: 0 },
    { optimum: 1, random: null },
    { optimum: 2, random: 2 },
  ])('are null without a scale: %o', (unknown) => {
    expect(regret(1, unknown)).toBeNull()
    expect(normalisedScore(1, unknown)).toBeNull()
  })
})

describe('probabilityOfImprovement', () => {
  it('counts pairs, ties half, and averages tasks', () => {
    // task 1: {1,2,3} against {2,2,0}: 1 beats 0; 2 beats 0 and ties twice; 3 beats all: (1 + 2 + 3) / 9 = 2/3.
    // task 2: {5,6,7} against {9,6,1}: 5 beats 1; 6 ties 6, beats 1; 7 beats 6, 1: (1 + 1.5 + 2) / 9 = 1/2. rliable: 7/12.
    const x = [
      [1, 2, 3],
      [5, 6, 7],
    ]
    const y = [
      [2, 2, 0],
      [9, 6, 1],
    ]
    expect(probabilityOfImprovement(x, y)).toBeCloseTo(7 / 12, 12)
    expect(probabilityOfImprovement(y, x)).toBeCloseTo(5 / 12, 12)
  })

  it('refuses tasks that do not match', () => {
    expect(() => probabilityOfImprovement([[1]], [])).toThrowError(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})

describe('performanceProfile', () => {
  it('is the share of runs strictly above each threshold, averaged over tasks', () => {
    // rliable 1.2.0 create_performance_profile on the same numbers.
    const scores = [
      [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07],
      [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4],
    ]
    const profile = performanceProfile(scores, [0, 0.02, 0.1, 0.5])
    expect(profile).toEqual([1, 12 / 14, 6 / 14, 4 / 14].map((share) => expect.closeTo(share, 12)))
  })

  it('refuses a task without runs', () => {
    expect(() => performanceProfile([[]], [0])).toThrowError(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})

describe('optimalityGap, mean, quantile', () => {
  it('does not let scores above the target make up for others', () => {
    // 1 - mean(.5, 1, .9, .4) = .3; rliable 1.2.0: .3
    expect(optimalityGap([0.5, 1.2, 0.9, 0.4])).toBeCloseTo(0.3, 12)
  })

  it('interpolates between ranks', () => {
    // rank .25 * 3 = .75 between 1 and 2
    expect(quantile([1, 2, 3, 4], 0.25)).toBeCloseTo(1.75, 12)
    expect(quantile([7], 1)).toBe(7)
  })

  it('refuse nothing and impossible probabilities', () => {
    expect(() => mean([])).toThrowError(expect.objectContaining({ code: 'ERR_SHAPE' }))
    expect(() => quantile([], 0.5)).toThrowError(expect.objectContaining({ code: 'ERR_SHAPE' }))
    expect(() => quantile([1], 1.5)).toThrowError(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})
