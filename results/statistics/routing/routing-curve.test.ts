import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callPerformanceThreshold } from './call-performance-threshold.js'
import { averagePerformanceGapRecovered, performanceGapRecovered } from './performance-gap.js'
import { type RoutingCurve, routingCurve } from './routing-curve.js'

// Thirteen rows with a tie of three scores. Frozen from pandas 3.1.1 (qcut with 10 bins, retbins) and numpy 2.4.6
// (trapezoid), following RouteLLM's definition: strong calls and mean quality at each of the eleven edges, and APGR.
const scores = [0.31, 0.72, 0.11, 0.95, 0.48, 0.48, 0.27, 0.66, 0.83, 0.05, 0.59, 0.39, 0.48]
const weak = [1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0.5]
const strong = [1, 1, 1, 1, 0, 1, 1, 1, 0.5, 1, 1, 1, 1]
const strongCalls = [13, 11, 10, 9, 8, 8, 5, 4, 3, 2, 0]
const quality = [23, 23, 23, 23, 21, 21, 20, 20, 18, 16, 13].map((halves) => halves / 26)

const column = fc.array(fc.record({ score: fc.integer({ min: -9, max: 9 }), weak: fc.nat(4), strong: fc.nat(4) }), {
  minLength: 1,
  maxLength: 60,
})

describe('routingCurve', () => {
  it('equals the edges of quantile bins as pandas cuts them, ties included', () => {
    const { points } = routingCurve(scores, weak, strong)
    expect(points.map((point) => Math.round(point.strongFraction * 13))).toEqual([...strongCalls].reverse())
    points.forEach((point, i) => {
      expect(point.quality).toBeCloseTo(quality[10 - i]!, 12)
    })
  })

  it('begins at always weak and ends at always strong, and selects what interpolated edges select', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 12 }), (rows, bins) => {
        const n = rows.length
        const curve = routingCurve(
          rows.map((row) => row.score),
          rows.map((row) => row.weak),
          rows.map((row) => row.strong),
          bins,
        )
        expect(curve.points).toHaveLength(bins + 1)
        expect(curve.points[0]!.quality).toBeCloseTo(curve.weak, 12)
        expect(curve.points.at(-1)!.quality).toBeCloseTo(curve.strong, 12)
        const sorted = rows.map((row) => row.score).sort((a, b) => a - b)
        for (let edge = 0; edge < bins; edge++) {
          // Scores are whole numbers, so an edge between two of them may be moved by rounding without passing either.
          const below = Math.floor((edge * (n - 1)) / bins)
          const part = ((edge * (n - 1)) % bins) / bins
          const threshold = sorted[below]! + part * (sorted[Math.min(below + 1, n - 1)]! - sorted[below]!)
          const selected = rows.filter((row) => row.score >= threshold - 1e-9).length
          expect(Math.round(curve.points[bins - edge]!.strongFraction * n)).toBe(selected)
        }
      }),
    )
  })

  it('depends on the order of the scores only', () => {
    fc.assert(
      fc.property(column, (rows) => {
        const curve = (score: (x: number) => number): RoutingCurve =>
          routingCurve(
            rows.map((row) => score(row.score)),
            rows.map((row) => row.weak),
            rows.map((row) => row.strong),
          )
        expect(curve((x) => Math.exp(x) * 1e-4)).toEqual(curve((x) => x))
        expect(curve((x) => 3 * x - 7)).toEqual(curve((x) => x))
      }),
    )
  })

  it('refuses columns of unequal length, no rows, NaN and a broken number of bins', () => {
    expect(() => routingCurve([1, 2], [1], [1, 1])).toThrow(/expected 2 values of "weak", got 1/)
    expect(() => routingCurve([], [], [])).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }))
    expect(() => routingCurve([1, Number.NaN], [1, 1], [1, 1])).toThrow(
      expect.objectContaining({ code: 'ERR_NON_FINITE' }),
    )
    expect(() => routingCurve([1], [1], [1], 2.5)).toThrow(/bins >= 1, got 2.5/)
  })
})

describe('averagePerformanceGapRecovered', () => {
  it('equals the frozen value', () => {
    expect(averagePerformanceGapRecovered(routingCurve(scores, weak, strong))).toBeCloseTo(0.7038461538461539, 12)
  })

  it('is 0.5 for one tied score: all rows move at once along the straight line', () => {
    const tied = routingCurve(new Float64Array(13), weak, strong)
    expect(tied.points.filter((point) => point.strongFraction === 1)).toHaveLength(10)
    expect(averagePerformanceGapRecovered(tied)).toBeCloseTo(0.5, 12)
  })

  it('is 0.5 for the mean of a router and its reverse, so 0.5 for a random order in expectation', () => {
    // 100 rows of distinct scores in 9 bins, so that the edges of the reverse fall on the same rows: the mean of the two
    // curves is the straight line up to the one row by which ">=" shifts it.
    const n = 100
    const at = (sign: number): number =>
      averagePerformanceGapRecovered(
        routingCurve(
          Array.from({ length: n }, (_, i) => sign * ((i * 37) % n)),
          Array.from({ length: n }, (_, i) => ((i * 7) % 5) / 4),
          Array.from({ length: n }, (_, i) => ((i * 11) % 3) / 2 + 0.3),
          9,
        ),
      )!
    expect(Math.abs((at(1) + at(-1)) / 2 - 0.5)).toBeLessThan(0.01)
  })

  it('is 0.5 within bounds for random scores and 1 - share / 2 for a perfect router', () => {
    // 20% of 2000 rows need the strong model; the perfect router has the whole gap after 20% of the calls, two steps of
    // the curve, and loses the triangle of width .2 before it: 1 - .2 / 2 = .9. Random: sd of APGR about .03.
    const n = 2000
    const needs = Array.from({ length: n }, (_, i) => (i % 5 === 0 ? 1 : 0))
    const weakRows = needs.map((need) => 1 - need)
    const always = needs.map(() => 1)
    expect(
      averagePerformanceGapRecovered(
        routingCurve(
          needs.map((x, i) => x + i * 1e-6),
          weakRows,
          always,
        ),
      ),
    ).toBeCloseTo(0.9, 2)
    const random = needs.map((_, i) => (i * 0.6180339887498949) % 1)
    expect(averagePerformanceGapRecovered(routingCurve(random, weakRows, always))).toBeGreaterThan(0.45)
    expect(averagePerformanceGapRecovered(routingCurve(random, weakRows, always))).toBeLessThan(0.55)
  })

  it('is null where there is no gap to recover', () => {
    expect(averagePerformanceGapRecovered(routingCurve([1, 2], [1, 0], [0, 1]))).toBeNull()
    expect(performanceGapRecovered(0.5, { weak: 0.5, strong: 0.5 })).toBeNull()
    expect(performanceGapRecovered(0.7, { weak: 0.6, strong: 0.8 })).toBeCloseTo(0.5, 12)
  })
})

describe('callPerformanceThreshold', () => {
  const curve = (qualities: readonly number[]): RoutingCurve => ({
    points: qualities.map((value, i) => ({ strongFraction: i / (qualities.length - 1), quality: value })),
    weak: qualities[0]!,
    strong: qualities.at(-1)!,
  })

  it('is linear between points and takes the first crossing where quality falls again', () => {
    expect(callPerformanceThreshold(curve([0, 1]), 0.8)).toBeCloseTo(0.8, 12)
    // Crosses .5 at 1/8 (halfway to .25), falls below it, crosses again: the first counts.
    expect(callPerformanceThreshold(curve([0, 1, 0, 0.5, 1]), 0.5)).toBeCloseTo(0.125, 12)
    expect(callPerformanceThreshold(curve([0, 1, 0, 0.5, 1]), 0)).toBe(0)
    expect(callPerformanceThreshold(curve([0, -1, 0, 0.5, 1]), 0.25)).toBeCloseTo(0.625, 12)
  })

  it('skips points that share a place, as ties make them', () => {
    const points = [0, 0, 1, 1].map((strongFraction) => ({ strongFraction, quality: strongFraction }))
    expect(callPerformanceThreshold({ points, weak: 0, strong: 1 }, 0.5)).toBeCloseTo(0.5, 12)
  })

  it('never falls as more of the gap is asked for', () => {
    fc.assert(
      fc.property(
        column,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, a, b) => {
          const routed = routingCurve(
            rows.map((row) => row.score),
            rows.map((row) => row.weak),
            rows.map((row) => row.strong),
          )
          const low = callPerformanceThreshold(routed, Math.min(a, b))
          const high = callPerformanceThreshold(routed, Math.max(a, b))
          if (routed.weak === routed.strong) expect(low).toBeNull()
          else expect(low!).toBeLessThanOrEqual(high! + 1e-12)
        },
      ),
    )
  })

  it('refuses shares outside [0, 1] and is null without a gap', () => {
    expect(() => callPerformanceThreshold(curve([0, 1]), 50)).toThrow(/share of the gap in \[0, 1\], got 50/)
    expect(callPerformanceThreshold(curve([1, 1]), 0.5)).toBeNull()
  })
})
