import seedrandom from 'seedrandom'
import { describe, expect, it } from 'vitest'
import { pairedDifference } from '../paired-difference.js'
import { curveBands, qualityAtFraction } from './curve-bands.js'
import type { RoutingCurve } from './routing-curve.js'

const options = () => ({ uniform: seedrandom.alea('folds') })
const line = (weak: number, strong: number): RoutingCurve => ({
  points: [
    { strongFraction: 0, quality: weak },
    { strongFraction: 0.5, quality: (weak + strong) / 2 },
    { strongFraction: 1, quality: strong },
  ],
  weak,
  strong,
})

describe('curveBands', () => {
  it('averages folds place by place and brackets the mean', () => {
    const bands = curveBands([[line(0.5, 0.9), line(0.7, 0.9), line(0.6, 0.9)]], { ...options(), steps: 4 })
    expect([...bands.strongFraction]).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(bands.mean[0]).toBeCloseTo(0.6, 12)
    expect(bands.mean[1]).toBeCloseTo(0.675, 12)
    expect(bands.low[0]).toBeLessThan(0.6)
    expect(bands.low[0]).toBeGreaterThanOrEqual(0.5)
    expect(bands.high[0]).toBeGreaterThan(0.6)
    expect(bands.high[4]).toBeCloseTo(0.9, 12)
    expect(bands.low[4]).toBeCloseTo(0.9, 12)
  })

  it('reads a curve at its points and between them, and refuses places outside', () => {
    expect(qualityAtFraction(line(0, 1), 0.5)).toBe(0.5)
    expect(qualityAtFraction(line(0, 1), 0.3)).toBeCloseTo(0.3, 12)
    expect(() => qualityAtFraction(line(0, 1), 1.5)).toThrow(/share of strong calls in \[0, 1\]/)
    expect(() => curveBands([[line(0, 1)]], { ...options(), steps: 0 })).toThrow(/steps >= 1/)
    expect(() => curveBands([[]], options())).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
  })
})

describe('pairedDifference', () => {
  it('cancels what folds share: a constant lead has an interval without width', () => {
    const reference = [[0.6, 0.7, 0.5, 0.65, 0.58]]
    const scores = reference.map((folds) => folds.map((score) => score + 0.02))
    const { mean, low, high } = pairedDifference(scores, reference, options())
    expect(mean).toBeCloseTo(0.02, 12)
    expect(low).toBeCloseTo(0.02, 12)
    expect(high).toBeCloseTo(0.02, 12)
  })

  it('is antisymmetric in its mean and covers it', () => {
    const a = [
      [0.6, 0.7, 0.5],
      [0.62, 0.66, 0.55],
    ]
    const b = [
      [0.58, 0.71, 0.52],
      [0.6, 0.6, 0.5],
    ]
    const forward = pairedDifference(a, b, options())
    expect(forward.mean).toBeCloseTo(0.12 / 6, 12)
    expect(pairedDifference(b, a, options()).mean).toBeCloseTo(-forward.mean, 12)
    expect(forward.low).toBeLessThan(forward.mean)
    expect(forward.high).toBeGreaterThan(forward.mean)
  })

  it('refuses other folds and scores that are not numbers', () => {
    expect(() => pairedDifference([[1, 2]], [[1], [2]], options())).toThrow(/same folds for both, got 2 and 1\+1/)
    expect(() => pairedDifference([[1, Number.NaN]], [[1, 2]], options())).toThrow(/fold 1 of repetition 0/)
  })
})
