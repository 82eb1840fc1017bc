import { describe, expect, it } from 'vitest'
import { readRun } from '../store/run-data.js'
import { writeFakeRoutingRun } from '../testing/fake-routing-run.js'
import { writeFakeRun } from '../testing/fake-run.js'
import { smallRun } from '../testing/small-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { reportModel } from './report-model.js'

const path = temporaryDirectory()

// Optimum 10, random 0: regret is 1 - score / 10. Three seeds are averaged whole, of the extremes the interval is made.
const run = smallRun({
  scores: {
    good: {
      lake: [
        [0, 8],
        [1, 9],
        [2, 10],
      ],
    },
    poor: {
      lake: [
        [-34, 2],
        [-34, 4],
        [-34, 6],
      ],
    },
  },
  references: { lake: { optimum: 10, random: 0, policies: { rule: 5, worst: -20 }, bestLocal: 9.5 } },
})
const [world] = reportModel([run]).worlds
const figures = world!.figures

describe('reward curves in numbers', () => {
  it('hold the interquartile mean, the interval of three seeds, and regret', () => {
    const [good, poor] = figures.scores.curves
    expect(good!.points).toEqual([
      { x: 0, y: 1, low: 0, high: 2, of: 3, regret: 0.9 },
      { x: 100, y: 9, low: 8, high: 10, of: 3, regret: expect.closeTo(0.1, 12) },
    ])
    expect(poor!.points.map(({ y, low, high }) => [y, low, high])).toEqual([
      [-34, -34, -34],
      [4, 2, 6],
    ])
    expect(figures.scores.lines).toEqual([
      { name: 'exact optimum', value: 10, strong: true },
      { name: 'best local policy: lake', value: 9.5, strong: false },
      { name: 'best scripted: rule', value: 5, strong: false },
      { name: 'random', value: 0, strong: false },
    ])
  })

  it('say where curves leave the axis, and what lines and bands are', () => {
    const { y, cut, caption } = figures.scores
    // A tenth of the span below random, and a twentieth of what is shown on either side.
    expect(y.range).toEqual([expect.closeTo(-1 - 0.55, 12), expect.closeTo(10 + 0.55, 12)])
    expect(cut).toBe('curves come from as low as \u221234.00')
    expect(caption).toContain('The axis is cut: curves come from as low as \u221234.00.')
    expect(caption).toContain('Line: interquartile mean over 3 seeds.')
    expect(caption).toContain('Band: its bootstrap 95% interval.')
  })

  it('say where only bands leave it', () => {
    const scores = {
      q: {
        lake: [
          [-9, 5],
          [0, 5],
          [8, 5],
        ],
      },
    }
    const [world] = reportModel([smallRun({ scores, references: { lake: { optimum: 10, random: 0 } } })]).worlds
    expect(world!.figures.scores.cut).toBe('bands reach down to \u22129.00')
  })

  it('hold regret with its ends turned round, on an axis that begins below the least', () => {
    const { curves, y, lines, cut } = figures.regret!
    expect(curves[0]!.points[1]).toEqual({
      x: 100,
      y: expect.closeTo(0.1, 12),
      low: 0,
      high: expect.closeTo(0.2, 12),
      of: 3,
    })
    expect(y.range![0]).toBeCloseTo(0.05, 12)
    expect(y.range![1]).toBeCloseTo(1.25 * 4.4, 12)
    expect(lines.map(({ name, value }) => [name, value])).toEqual([
      ['random', 1],
      ['best scripted: rule', 0.5],
    ])
    expect(cut).toBe('bands go on below 5.0%; best local policy: lake is at 5.0%')
  })
})

describe('the ranking in numbers', () => {
  it('has learners with intervals among scripts, best first', () => {
    const { all } = figures.ranking
    expect(
      all.rows.map(({ label, kind, value, low, high, of, regret }) => [label, kind, value, low, high, of, regret]),
    ).toEqual([
      ['exact optimum', 'optimum', 10, null, null, null, 0],
      ['best local policy: lake', 'best local', 9.5, null, null, null, 0.05],
      ['good', 'learner', 9, 8, 10, 3, 0.1],
      ['rule', 'scripted', 5, null, null, null, 0.5],
      ['poor', 'learner', 4, 2, 6, 3, 0.6],
      ['random', 'random', 0, null, null, null, 1],
    ])
    expect(all.leftOut.map(({ label, value }) => [label, value])).toEqual([['worst', -20]])
    expect(all.axis.range).toBeNull()
    // Learners take up most of the axis.
    expect(figures.ranking.learners).toBeNull()
  })

  it('goes close up on learners that take up little of the axis, and says what that leaves out', () => {
    const scores = { a: { lake: [[9], [9.1], [9.2]] }, b: { lake: [[9.3], [9.4], [9.5]] } }
    const references = { lake: { optimum: 10, random: 0, policies: { rule: 9.45 } } }
    const { learners } = reportModel([smallRun({ scores, references })]).worlds[0]!.figures.ranking
    expect(learners!.rows.map(({ label }) => label)).toEqual(['rule', 'b', 'a'])
    expect(learners!.axis.range).toEqual([expect.closeTo(8.925, 12), expect.closeTo(9.575, 12)])
    expect(learners!.leftOut.map(({ label }) => label)).toEqual(['exact optimum', 'random'])
    expect(learners!.lines).toEqual([])
    expect(learners!.caption).toContain('Off this axis: exact optimum (10.00) and random (0.00).')
  })
})

describe('regrets in numbers', () => {
  it('are from the optimum, and from the best local policy, with whiskers the right way round', () => {
    const [optimum, local] = figures.regrets
    expect(optimum!.rows.rows.map(({ label, value, low, high }) => [label, value, low, high])).toEqual([
      ['good', expect.closeTo(0.1, 12), 0, expect.closeTo(0.2, 12)],
      ['poor', expect.closeTo(0.6, 12), expect.closeTo(0.4, 12), expect.closeTo(0.8, 12)],
    ])
    expect(optimum!.rows.lines.map(({ name, value }) => [name, value])).toEqual([
      ['best scripted: rule', 0.5],
      ['best local: lake', expect.closeTo(0.05, 12)],
    ])
    expect(optimum!.rows.axis.range).toEqual([0, expect.closeTo(0.8 + 0.09 * 0.8, 12)])
    // (9.5 - 9) / 9.5, and 10 is ahead of 9.5.
    expect(local!.rows.rows[0]!.value).toBeCloseTo(0.5 / 9.5, 12)
    expect(local!.rows.rows[0]!.low).toBeCloseTo(-0.5 / 9.5, 12)
    expect(local!.rows.axis.range![0]).toBeLessThan(-0.5 / 9.5)
  })
})

describe('comparisons', () => {
  it('decide by the probability of improvement and its interval', () => {
    const { best, scripted, locals } = world!.comparisons
    const [good, poor] = world!.series
    expect(best).toEqual([{ series: good!.id, against: poor!.id, probability: 1, low: 1, high: 1, standing: 'ahead' }])
    expect(scripted.map(({ series, against, standing }) => [series, against, standing])).toEqual([
      [good!.id, 'rule', 'ahead'],
      // 2 and 4 are below 5, 6 is above: a third.
      [poor!.id, 'rule', 'level'],
    ])
    expect(scripted[1]!.probability).toBeCloseTo(1 / 3, 12)
    expect(locals.map(({ probability }) => probability)).toEqual([expect.closeTo(1 / 3, 12), 0])
  })

  it('are level where intervals of means lie apart but runs do not, and unknown of two seeds', () => {
    const at = (scores: { readonly [name: string]: readonly number[] }) => {
      const seeds = Object.entries(scores).map(([name, values]) => [name, { lake: values.map((value) => [value]) }])
      return reportModel([smallRun({ scores: Object.fromEntries(seeds) })]).worlds[0]!.comparisons.best[0]!
    }
    expect(at({ a: [1, 5, 9], b: [2, 4, 6] })).toMatchObject({ standing: 'level', probability: 5 / 9 })
    expect(at({ a: [1, 5], b: [2, 3] })).toMatchObject({ standing: 'unknown', low: null, high: null })
  })

  it('count scores within what solvers leave open as equal', () => {
    const references = { lake: { optimum: 10, random: 0, resolution: 1e-6, policies: { rule: 10 - 1e-9 } } }
    const scores = { q: { lake: [[10], [10], [10]] } }
    const [comparison] = reportModel([smallRun({ scores, references })]).worlds[0]!.comparisons.scripted
    expect(comparison).toMatchObject({ probability: 0.5, standing: 'level' })
  })
})

describe('aggregates over environments', () => {
  // Normalised: a 1, .9, .8 and .5, .4, .3; b .7, .6, .5 and .6, .5, .4.
  const several = smallRun({
    scores: {
      b: { lake: [[7], [6], [5]], pond: [[60], [50], [40]] },
      a: { lake: [[10], [9], [8]], pond: [[50], [40], [30]] },
      c: { lake: [[1], [2], [3]] },
    },
    references: { lake: { optimum: 10, random: 0 }, pond: { optimum: 100, random: 0 } },
  })
  const aggregate = reportModel([several]).aggregate!

  it('are interquartile means of normalised scores, best first', () => {
    expect(aggregate.environments).toEqual(['lake', 'pond'])
    // Of six, one is dropped at each end: (.9 + .8 + .5 + .4) / 4 and (.6 + .6 + .5 + .5) / 4.
    expect(aggregate.iqm.rows.map(({ label, value, of }) => [label, value, of])).toEqual([
      ['a', expect.closeTo(0.65, 12), 6],
      ['b', expect.closeTo(0.55, 12), 6],
    ])
    for (const { value, low, high } of aggregate.iqm.rows) expect(low! < value && value < high!).toBe(true)
    expect(aggregate.leftOut).toEqual({ algorithms: ['c'], environments: [] })
    expect(aggregate.iqm.caption).toContain('Left out, as not in all environments: c.')
  })

  it('have the probability that the best improves on each other', () => {
    // lake: 9 of 9 pairs. pond: .5 beats .4 and ties .5; .4 ties .4; in all 1 + .5 + .5 of 9.
    expect(aggregate.improvement.rows.map(({ label, value }) => [label, value])).toEqual([
      ['b', expect.closeTo((1 + 2 / 9) / 2, 12)],
    ])
    const { low, high } = aggregate.improvement.rows[0]!
    expect(aggregate.comparisons[0]).toMatchObject({ standing: 'level', low, high })
    expect([low! < 11 / 18, high! > 11 / 18]).toEqual([true, true])
  })

  it('draw the bands of profiles within each environment: those that differ between environments alone have none', () => {
    const apart = smallRun({
      scores: {
        a: { lake: [[10], [10], [10], [10]], pond: [[0], [0], [0], [0]] },
        b: { lake: [[5], [5], [5], [5]], pond: [[50], [50], [50], [50]] },
      },
      references: { lake: { optimum: 10, random: 0 }, pond: { optimum: 100, random: 0 } },
    })
    const { curves } = reportModel([apart]).aggregate!.profiles
    const a = curves.find(({ label }) => label === 'a')!
    const [middle] = a.points.filter(({ x }) => Math.abs(x - 0.5) < 1e-9)
    expect(middle).toMatchObject({ y: 0.5, low: 0.5, high: 0.5, of: 8 })
  })

  it('have performance profiles: the share of runs above each score', () => {
    const [a] = aggregate.profiles.curves
    const at = (x: number) => a!.points.find((point) => Math.abs(point.x - x) < 1e-9)!.y
    expect([at(0), at(0.35), at(0.45), at(0.85), at(1)]).toEqual(
      [1, 5 / 6, 4 / 6, 2 / 6, 0].map((y) => expect.closeTo(y, 12)),
    )
    expect(a!.points.every(({ y, low, high }) => low! <= y && y <= high!)).toBe(true)
    expect(aggregate.profiles.cut).toBeNull()
  })

  it('say that the axis of profiles is cut, and give no interval of two seeds', () => {
    const scores = { a: { lake: [[-90], [5]], pond: [[5], [5]] }, b: { lake: [[5], [5]], pond: [[6], [5]] } }
    const references = { lake: { optimum: 10, random: 0 }, pond: { optimum: 10, random: 0 } }
    const { profiles, iqm, comparisons } = reportModel([smallRun({ scores, references })]).aggregate!
    expect(profiles.x.range).toEqual([-1, 1])
    expect(profiles.cut).toBe('the lowest run scores \u22129.0')
    expect(iqm.rows.every(({ low }) => low === null)).toBe(true)
    expect(profiles.curves.flatMap(({ points }) => points).every(({ low }) => low === null)).toBe(true)
    expect(comparisons[0]!.standing).toBe('unknown')
  })

  it('count scores as tied that differ by no more than solvers leave open, in each environment by its own scale', () => {
    // a is ahead by 1e-8 of 10 and by .9 of 1000.
    const ahead = { lake: [[9.00000001], [9.00000001], [9.00000001]], pond: [[900.9], [900.9], [900.9]] }
    const behind = { lake: [[9], [9], [9]], pond: [[900], [900], [900]] }
    const standing = (lake: number, pond: number) => {
      const references = {
        lake: { optimum: 10, random: 0, resolution: lake },
        pond: { optimum: 1000, random: 0, resolution: pond },
      }
      const found = reportModel([smallRun({ scores: { a: ahead, b: behind }, references })]).aggregate!.comparisons[0]!
      return [found.standing, found.probability]
    }
    expect(standing(1e-6, 1)).toEqual(['level', 0.5])
    expect(standing(1e-6, 0.5)).toEqual(['ahead', 0.75])
    expect(standing(1e-9, 1)).toEqual(['ahead', 0.75])
    expect(standing(1e-9, 0.5)).toEqual(['ahead', 1])
  })

  it('need two algorithms in two environments', () => {
    expect(reportModel([run]).aggregate).toBeNull()
    expect(reportModel([several, run]).aggregate).toBeNull()
  })
})

it('is plain JSON: nothing is lost on the way through a file', () => {
  writeFakeRun(path('run'), { seeds: 3, evaluations: 3, failed: 0 })
  writeFakeRoutingRun(path('routing'), { rows: 60, repetitions: 2, folds: 2, prices: [0.0002, 0.004] })
  for (const name of ['run', 'routing']) {
    const model = reportModel([readRun(path(name))])
    expect(JSON.parse(JSON.stringify(model))).toEqual(model)
  }
})
