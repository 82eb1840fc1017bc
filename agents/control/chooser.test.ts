import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Chooser } from './chooser.js'
import type { Ranker } from './ranking.js'
import { Always, RoundRobin, UniformDraw } from './rules.js'

/** Scores 1, 3, 2: agent 1, then 2, then 0. */
const scored: Ranker = {
  reason: 'policy',
  features: { index: Int32Array.of(4), value: Float32Array.of(0.1) },
  rank: () => ({ order: Int32Array.of(1, 2, 0), scores: Float64Array.of(1, 3, 2), probabilities: null }),
}
const drawing: Ranker = {
  reason: 'policy',
  rank: () => ({
    order: Int32Array.of(0, 1, 2),
    scores: Float64Array.of(3, 2, 1),
    probabilities: Float64Array.of(0.6, 0.3, 0.1),
  }),
}
const all = [true, true, true]
const still = { epsilon: 0, seed: 0 }

/** How often each agent came first. */
function shares(chooser: Chooser, callable: readonly boolean[], draws = 20_000): number[] {
  const counts = callable.map(() => 0)
  for (let k = 0; k < draws; k++) counts[chooser.choose('text', callable).order[0]!]!++
  return counts.map((count) => count / draws)
}

describe('Chooser', () => {
  it('takes the best that can be called, the others after it by score', () => {
    const chooser = new Chooser(scored, still)
    expect(chooser.choose('text', all)).toEqual({
      order: [1, 2, 0],
      scores: [1, 3, 2],
      propensities: [0, 1, 0],
      reason: 'policy',
      features: { index: [4], value: [Math.fround(0.1)] },
    })
    expect(chooser.choose('text', [true, false, true])).toMatchObject({
      order: [2, 0],
      propensities: [0, 0, 1],
      reason: 'fallback:breaker-open',
    })
    expect(chooser.choose('text', [false, false, false])).toMatchObject({ order: [], propensities: [0, 0, 0] })
    expect(chooser.choose('text', all, 0)).toMatchObject({
      order: [0, 1, 2],
      propensities: [1, 0, 0],
      reason: 'requested',
    })
  })

  it('asks the best, certainly, where the agent that a request names cannot be called', () => {
    const chooser = new Chooser(scored, { epsilon: 0.5, seed: 0 })
    expect(chooser.choose('text', [true, true, false], 2)).toMatchObject({
      order: [1, 0],
      propensities: [0, 1, 0],
      reason: 'requested-unavailable',
    })
    expect(chooser.choose('text', [false, false, false], 2)).toMatchObject({
      order: [],
      propensities: [0, 0, 0],
      reason: 'requested-unavailable',
    })
  })

  it('explores as often as it says: 1 - e + e/n for the best, e/n for the others', () => {
    const chooser = new Chooser(scored, { epsilon: 0.3, seed: 1 })
    const { propensities } = chooser.choose('text', all)
    expect(propensities[1]).toBeCloseTo(0.8, 12)
    expect(propensities[0]).toBeCloseTo(0.1, 12)
    // Standard error of a share over 20,000 draws: at most .0035.
    shares(chooser, all).forEach((share, agent) => {
      expect(Math.abs(share - propensities[agent]!)).toBeLessThan(0.014)
    })
    const reasons = new Set(
      Array.from({ length: 100 }, () => chooser.choose('text', all)).map((c) => `${c.order[0] === 1} ${c.reason}`),
    )
    expect(reasons).toEqual(new Set(['true policy', 'false explored']))
  })

  it.each([
    ['drawing', () => drawing],
    ['random', () => new UniformDraw(3, 'draw')],
  ])('%s: draws as often as it says, also where one cannot be called', (_, make) => {
    for (const callable of [all, [true, false, true]]) {
      const chooser = new Chooser(make(), { epsilon: 0.2, seed: 2 })
      const { propensities } = chooser.choose('text', callable)
      shares(chooser, callable).forEach((share, agent) => {
        expect(Math.abs(share - propensities[agent]!)).toBeLessThan(0.016)
      })
    }
  })

  it('gives propensities that sum to 1 over those that can be called', () => {
    const rankers = [scored, drawing, new RoundRobin(3), new UniformDraw(3, 'x'), new Always(3, 2)]
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        (epsilon, callable) => {
          fc.pre(callable.includes(true))
          for (const ranker of rankers) {
            const { propensities, order } = new Chooser(ranker, { epsilon, seed: 3 }).choose('text', callable)
            expect(propensities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
            expect(propensities.every((p, agent) => callable[agent] || p === 0)).toBe(true)
            expect([...order].sort()).toEqual([0, 1, 2].filter((agent) => callable[agent]))
            expect(propensities[order[0]!]).toBeGreaterThan(0)
          }
        },
      ),
    )
  })
})

describe('rules', () => {
  it('round-robin takes turns; always keeps to one', () => {
    const turns = new Chooser(new RoundRobin(3), still)
    expect(Array.from({ length: 4 }, () => turns.choose('', all).order[0])).toEqual([0, 1, 2, 0])
    expect(new Chooser(new Always(3, 2), still).choose('', all)).toMatchObject({ order: [2, 0, 1], reason: 'always' })
  })
})
