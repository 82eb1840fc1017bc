import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averageImprovementInQuality } from './average-quality.js'
import { qualityAtBudget } from './quality-at-budget.js'
import { type CostQualityPoint, qualityHull } from './quality-hull.js'
import { chooseAtPenalty, type ModelOutcomes, perQueryOracle, routedOutcome } from './routed-outcomes.js'

const at = (cost: number, quality: number): CostQualityPoint => ({ cost, quality })

describe('qualityHull', () => {
  it('keeps the cheapest, drops what is dominated or below a chord, ends at the best', () => {
    // (2, .5) lies below the chord from (1, .4) to (3, .8); (4, .7) is dearer and worse; (1, .2) shares its cost.
    expect(qualityHull([at(4, 0.7), at(2, 0.5), at(1, 0.4), at(3, 0.8), at(1, 0.2)])).toEqual([at(1, 0.4), at(3, 0.8)])
  })

  it('lies on or above every point and is concave', () => {
    const points = fc.array(fc.record({ cost: fc.nat(20), quality: fc.nat(20) }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(points, (all) => {
        const hull = qualityHull(all)
        for (let i = 2; i < hull.length; i++) {
          const slope = (k: number) => (hull[k]!.quality - hull[k - 1]!.quality) / (hull[k]!.cost - hull[k - 1]!.cost)
          expect(slope(i)).toBeLessThan(slope(i - 1))
        }
        for (const { cost, quality } of all) {
          expect(averageImprovementInQuality(hull, { min: cost, max: cost })).toBeGreaterThanOrEqual(quality - 1e-9)
        }
      }),
    )
  })

  it('refuses no points and NaN', () => {
    expect(() => qualityHull([])).toThrow(/at least one point/)
    expect(() => qualityHull([at(Number.NaN, 1)])).toThrow(expect.objectContaining({ code: 'ERR_NON_FINITE' }))
  })
})

describe('averageImprovementInQuality', () => {
  it('is the mean height of the hull, level beyond its end', () => {
    // From (1, .4) straight to (3, .8): mean .6 over [1, 3]; level at .8 over [3, 5]: (.6 * 2 + .8 * 2) / 4 = .7.
    const points = [at(1, 0.4), at(3, 0.8), at(2, 0.5)]
    expect(averageImprovementInQuality(points)).toBeCloseTo(0.6, 12)
    expect(averageImprovementInQuality(points, { min: 1, max: 5 })).toBeCloseTo(0.7, 12)
    expect(averageImprovementInQuality(points, { min: 2, max: 3 })).toBeCloseTo(0.7, 12)
    expect(averageImprovementInQuality([...points, at(5, 0.1)])).toBeCloseTo(0.7, 12)
    expect(averageImprovementInQuality([at(2, 0.3)])).toBe(0.3)
  })

  it('refuses a range before the cheapest point', () => {
    expect(() => averageImprovementInQuality([at(1, 1), at(2, 2)], { min: 0, max: 2 })).toThrow(/1 <= min <= max/)
  })
})

// Three queries, three models of price 1, 2, 4.
const outcomes: ModelOutcomes = {
  rows: 3,
  models: 3,
  quality: [0, 1, 1, 1, 1, 1, 0, 0, 1],
  cost: [1, 2, 4, 1, 2, 4, 1, 2, 4],
}

describe('perQueryOracle', () => {
  it('takes the cheapest of the best', () => {
    const choice = perQueryOracle(outcomes)
    expect([...choice]).toEqual([1, 0, 2])
    expect(routedOutcome(outcomes, choice)).toEqual({ cost: 7 / 3, quality: 1 })
  })
})

describe('qualityAtBudget', () => {
  it('spends where a call is worth most', () => {
    // With the truth as scores: call 1 for query 0 gains 1 for 1, call 2 for query 2 gains 1 for 3.
    const budget = (mean: number) => qualityAtBudget(outcomes.quality, outcomes, mean)
    expect(budget(0.9)).toBeNull()
    expect([...budget(1)!.choice]).toEqual([0, 0, 0])
    expect([...budget(4 / 3)!.choice]).toEqual([1, 0, 0])
    expect(budget(2)!.quality).toBeCloseTo(2 / 3, 12)
    expect([...budget(7 / 3)!.choice]).toEqual([1, 0, 2])
    expect(budget(100)!.penalty).toBe(0)
  })

  it('keeps every budget and never gets worse on true scores as the budget grows', () => {
    const table = fc.integer({ min: 1, max: 8 }).chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        models: fc.constant(3),
        quality: fc.array(fc.nat(10), { minLength: rows * 3, maxLength: rows * 3 }),
        cost: fc.array(fc.integer({ min: 1, max: 10 }), { minLength: rows * 3, maxLength: rows * 3 }),
      }),
    )
    fc.assert(
      fc.property(table, (random) => {
        let before = -1
        for (const budget of [1, 2, 4, 6, 8, 10]) {
          const routed = qualityAtBudget(random.quality, random, budget)
          if (routed === null) continue
          expect(routed.cost).toBeLessThanOrEqual(budget + 1e-12)
          expect(routed.quality).toBeGreaterThanOrEqual(before - 1e-12)
          before = routed.quality
        }
        expect(before).toBeCloseTo(routedOutcome(random, perQueryOracle(random)).quality, 12)
      }),
      { numRuns: 40 },
    )
  })

  it('refuses a model that is not there, tables of another size, and NaN', () => {
    expect(() => routedOutcome(outcomes, [0, 1, 3])).toThrow(/model in 0..2 for row 2, got 3/)
    expect(() => perQueryOracle({ ...outcomes, cost: [1] })).toThrow(/expected 9 values of "cost", got 1/)
    expect(() => chooseAtPenalty(outcomes.quality, outcomes, -1)).toThrow(/penalty >= 0/)
    expect(() => qualityAtBudget(outcomes.quality, outcomes, Number.NaN)).toThrow(/got NaN/)
  })
})
