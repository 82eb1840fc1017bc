import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RoutingScore, routingScoreSchema } from '../../store/routing-records.js'
import { mean } from '../mean.js'
import { perQueryOracle, routedOutcome } from './routed-outcomes.js'
import { type RoutedRows, scoreRouting } from './score-routing.js'

/** Ten rows: the weak model answers rows 0..5, the strong one rows 0..8; prices 1 and 3. */
const rows = Array.from({ length: 10 }, (_, row) => [row < 6 ? 1 : 0, row < 9 ? 1 : 0]).flat()
const two: RoutedRows = {
  models: ['small', 'large'],
  choice: Int32Array.from([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]),
  // The need for the strong model, as (strong - weak): rows 6, 7, 8 first.
  scores: Float64Array.from([0, 1, 2, 3, 4, 5, 9, 8, 7, 6].flatMap((need) => [0, need])),
  quality: Float64Array.from(rows),
  cost: Float64Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 3)),
  pair: { weak: 0, strong: 1 },
}

/** Three rows, three models of price 1, 2, 4. */
const three: RoutedRows = {
  models: ['a', 'b', 'c'],
  choice: Int32Array.from([1, 0, 2]),
  scores: Float64Array.from([0, 1, 1, 1, 1, 1, 0, 0, 1]),
  quality: Float64Array.from([0, 1, 1, 1, 1, 1, 0, 0, 1]),
  cost: Float64Array.from([1, 2, 4, 1, 2, 4, 1, 2, 4]),
  pair: null,
}

describe('scoreRouting of two models', () => {
  it('gives what can be worked out by hand', () => {
    // Order of need: rows 6, 7, 8 (each gains 1), then 9, 5, 4, ... (no gain). Curve: .6 at 0, .9 from .3 on.
    const score = scoreRouting(two)
    expect(score.accuracy).toBe(0.9)
    expect(score.cost).toBeCloseTo(1.8, 12)
    expect(score.chosen).toEqual({ small: 0.6, large: 0.4 })
    expect(score.single.small).toEqual({ quality: 0.6, cost: 1 })
    expect(score.single.large!.quality).toBeCloseTo(0.9, 12)
    // Edges lie at rank ceil(edge * 9 / 10) = 9, 8, ..., 2, 1, 0: 1, 2, ..., 8, 9, 10 strong calls.
    expect(score.curve!.points.map((point) => Math.round(10 * point.fraction))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ])
    expect(score.curve!.points.map((point) => Math.round(10 * point.quality))).toEqual([
      6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9,
    ])
    // The gap is lost below the triangle of width .3: 1 - .3 / 2.
    expect(score.apgr).toBeCloseTo(0.85, 12)
    expect(score.cpt50).toBeCloseTo(0.15, 12)
    expect(score.cpt80).toBeCloseTo(0.24, 12)
    // Between thresholds of the finer curve: .6 + .2 = .8 at a fifth.
    expect(score.curve!.quality).toHaveLength(51)
    expect(score.curve!.quality[10]).toBeCloseTo(0.8, 12)
    // Over cost 1..3 the hull rises to .9 at 1 + .3 * 2 = 1.6: (.6 * .75 + 1.4 * .9) / 2 = .855.
    const [cheapest, best] = [score.hull![0]!, score.hull!.at(-1)!]
    expect([cheapest.cost, cheapest.quality, best.cost, best.quality]).toEqual(
      [1, 0.6, 1.6, 0.9].map((value) => expect.closeTo(value, 12)),
    )
    expect(score.aiq).toBeCloseTo(0.855, 12)
    expect(score.budgets).toBeNull()
    expect(routingScoreSchema.parse(JSON.parse(JSON.stringify(score)))).toEqual(score)
  })

  it('does without scores and without costs', () => {
    const score = scoreRouting({ ...two, scores: null, cost: null })
    expect([score.cost, score.hull, score.aiq, score.single.small!.cost]).toEqual([null, null, null, null])
    // Its choices send rows 6..9 to the strong model at once: straight from .6 to .9 at .4, then level.
    expect(score.apgr).toBeCloseTo(1 - 0.4 / 2, 12)
    expect(score.cpt50).toBeCloseTo(0.2, 12)
  })

  it.each([
    ['constant scores', new Float64Array(20), Int32Array.from([0, 1, 0, 1, 0, 1, 0, 1, 0, 1])],
    ['always weak', null, new Int32Array(10)],
    ['always strong', null, new Int32Array(10).fill(1)],
  ])('draws a straight line for %s', (_, scores, choice) => {
    const score = scoreRouting({ ...two, scores, choice })
    expect(score.apgr).toBeCloseTo(0.5, 12)
    expect(score.cpt50).toBeCloseTo(0.5, 12)
    expect(score.cpt80).toBeCloseTo(0.8, 12)
    score.curve!.quality.forEach((quality, i) => {
      expect(quality).toBeCloseTo(0.6 + 0.3 * (i / 50), 12)
    })
  })

  it('has no APGR where the models are equally good', () => {
    const score = scoreRouting({ ...two, quality: new Float64Array(20).fill(0.5) })
    expect([score.apgr, score.cpt50, score.cpt80, score.accuracy]).toEqual([null, null, null, 0.5])
  })

  const table = fc.integer({ min: 2, max: 40 }).chain((count) =>
    fc.record({
      need: fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: count, maxLength: count }),
      outcomes: fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: count, maxLength: count }),
    }),
  )
  const routed = (need: readonly number[], outcomes: readonly (readonly number[])[]) =>
    scoreRouting({
      ...two,
      choice: Int32Array.from(need, (score) => (score > 0 ? 1 : 0)),
      scores: Float64Array.from(need.flatMap((score) => [-score / 2, score / 2])),
      quality: Float64Array.from(outcomes.flat()),
      cost: null,
    })

  it('mirrors when scores are turned around: what one order gains first the other gains last', () => {
    // 51 rows, so that the 50 edges of the fine curve are the rows: k rows up in one order are 51 - k down in the other.
    const fixed = fc.record({
      need: fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 51, maxLength: 51 }),
      outcomes: fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 51, maxLength: 51 }),
    })
    fc.assert(
      fc.property(fixed, ({ need, outcomes }) => {
        const one = routed(need, outcomes)
        const other = routed(
          need.map((score) => -score),
          outcomes,
        )
        const weak = one.single.small!.quality
        const strong = one.single.large!.quality
        // Sum of both areas: the whole gap, up to the row that ">=" includes in both orders.
        const largest = Math.max(...outcomes.map(([a, b]) => Math.abs(b! - a!))) / 51
        const area = (score: RoutingScore) => mean(score.curve!.quality)
        expect(Math.abs(area(one) + area(other) - (weak + strong))).toBeLessThanOrEqual(1.1 * largest + 1e-9)
      }),
      { numRuns: 50 },
    )
  })

  it('is never above scores that know the outcomes', () => {
    fc.assert(
      fc.property(table, ({ need, outcomes }) => {
        const truth = outcomes.map(([weak, strong]) => strong! - weak!)
        // Ties between equal gains broken, so that both have the same thresholds.
        const known = truth.map((gain, row) => gain * 10_000 + need[row]!)
        const [oracle, policy] = [routed(known, outcomes), routed(need, outcomes)]
        oracle.curve!.quality.forEach((quality, i) => {
          expect(quality).toBeGreaterThanOrEqual(policy.curve!.quality[i]! - 1e-9)
        })
        const gap = oracle.single.large!.quality - oracle.single.small!.quality
        if (gap > 0) expect(oracle.apgr!).toBeGreaterThanOrEqual(policy.apgr! - 1e-9)
      }),
    )
  })
})

describe('scoreRouting of more models', () => {
  it('gives quality at budgets between the cheapest and the dearest single model, hull and AIQ', () => {
    const score = scoreRouting(three)
    expect(score.accuracy).toBe(1)
    expect(score.cost).toBeCloseTo(7 / 3, 12)
    expect([score.apgr, score.cpt50, score.cpt80, score.curve]).toEqual([null, null, null, null])
    // Budgets 1, 1.3, 1.75, 2.5, 4: row 0 to b needs 4/3, row 2 to c 2 or, both, 7/3.
    expect(score.budgets!.map(({ share, budget, quality }) => [share, budget, quality])).toEqual([
      [0, 1, 1 / 3],
      [0.1, 1.3, 1 / 3],
      [0.25, 1.75, 2 / 3],
      [0.5, 2.5, 1],
      [1, 4, 1],
    ])
    expect(score.hull!.map(({ cost }) => Number(cost.toFixed(9)))).toEqual([1, 1.333333333, 2.333333333])
    // Trapezoids of width 1/3 (mean .5) and 1 (mean 5/6), then level at 1 over 5/3: (1/6 + 5/6 + 5/3) / 3 = 8/9.
    expect(score.aiq).toBeCloseTo(8 / 9, 12)
    expect(routingScoreSchema.parse(JSON.parse(JSON.stringify(score)))).toEqual(score)
  })

  it('does without scores, with constant ones and without costs', () => {
    expect(scoreRouting({ ...three, scores: null }).aiq).toBeCloseTo(8 / 9, 12)
    const constant = scoreRouting({ ...three, scores: new Float64Array(9) })
    expect(constant.budgets!.every(({ quality }) => quality === 1 / 3)).toBe(true)
    expect(constant.accuracy).toBe(1)
    const unpriced = scoreRouting({ ...three, cost: null })
    expect([unpriced.budgets, unpriced.hull, unpriced.aiq, unpriced.cost]).toEqual([null, null, null, null])
  })

  it('no policy gets above the per-query oracle', () => {
    const sized = fc.integer({ min: 1, max: 10 }).chain((count) => {
      const column = (min: number) =>
        fc.array(fc.integer({ min, max: 9 }), { minLength: count * 3, maxLength: count * 3 })
      return fc.record({ quality: column(0), cost: column(1), scores: column(0) })
    })
    fc.assert(
      fc.property(sized, ({ quality, cost, scores }) => {
        const outcomes = { rows: quality.length / 3, models: 3, quality, cost }
        const choice = perQueryOracle(outcomes)
        const base = { models: ['a', 'b', 'c'], choice, pair: null, cost: Float64Array.from(cost) }
        const table = { ...base, quality: Float64Array.from(quality) }
        const oracle = scoreRouting({ ...table, scores: Float64Array.from(quality) })
        const policy = scoreRouting({ ...table, scores: Float64Array.from(scores) })
        expect(oracle.accuracy).toBe(routedOutcome(outcomes, choice).quality)
        expect(policy.hull!.at(-1)!.quality).toBeLessThanOrEqual(oracle.accuracy + 1e-12)
        policy.budgets!.forEach((at, i) => {
          expect(at.cost!).toBeLessThanOrEqual(at.budget + 1e-9)
          expect(at.quality!).toBeLessThanOrEqual(oracle.accuracy + 1e-12)
          // A policy may get worse with more money to spend, knowing the outcomes may not.
          if (i > 0)
            expect(oracle.budgets![i]!.quality!).toBeGreaterThanOrEqual(oracle.budgets![i - 1]!.quality! - 1e-12)
        })
      }),
      { numRuns: 50 },
    )
  })
})

describe('scoreRouting refuses', () => {
  const unknown = Float64Array.from(rows)
  unknown[7] = Number.NaN
  it.each([
    ['unknown outcomes', { quality: unknown }, 'ERR_NON_FINITE', /quality of "large" in row 3 is unknown \(NaN\)/],
    [
      'a table of another size',
      { quality: new Float64Array(19) },
      'ERR_SHAPE',
      /expected 20 values of "quality", got 19/,
    ],
    ['scores of another size', { scores: new Float64Array(10) }, 'ERR_SHAPE', /20 values of "scores", got 10/],
    ['a score that is NaN', { scores: new Float64Array(20).fill(Number.NaN) }, 'ERR_NON_FINITE', /finite "scores"/],
    [
      'a model that is not there',
      { choice: new Int32Array(10).fill(2) },
      'ERR_SHAPE',
      /model in 0\.\.1 for row 0, got 2/,
    ],
    [
      'no rows',
      { choice: new Int32Array(0), quality: new Float64Array(0), scores: null, cost: null },
      'ERR_SHAPE',
      /at least one row/,
    ],
    ['no models', { models: [] }, 'ERR_SHAPE', /at least one model/],
    [
      'one model as both',
      { pair: { weak: 1, strong: 1 } },
      'ERR_SHAPE',
      /indices 0 and 1, got 2 models, weak 1 and strong 1/,
    ],
  ])('%s', (_, change, code, message) => {
    const refused = () => scoreRouting({ ...two, ...change } as RoutedRows)
    expect(refused).toThrow(expect.objectContaining({ code }))
    expect(refused).toThrow(message)
  })
})
