import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toMdp } from '../mdp/enumerate.js'
import { envConformance } from '../testing/env-conformance.js'
import { garnetConfig } from './config.js'
import { garnet } from './entry.js'
import { Garnet } from './garnet.js'

const make = (config: object = {}) => new Garnet(garnetConfig.parse(config))

describe('garnet', () => {
  envConformance(() => make())
})

describe('garnet, dense and without a limit', () => {
  envConformance(() => make({ states: 4, actions: 2, branching: 4, seed: 7, limitSteps: null }))
})

describe('garnet problems', () => {
  it('have branching different successors in ascending order, probabilities of sum 1, one reward a row', () => {
    const size = fc.record({
      states: fc.integer({ min: 1, max: 12 }),
      actions: fc.integer({ min: 1, max: 4 }),
      branching: fc.integer({ min: 1, max: 12 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(size, ({ states, actions, branching: wanted, seed }) => {
        const branching = Math.min(wanted, states)
        const { table } = make({ states, actions, branching, seed })
        expect(table.rowStart.at(-1)).toBe(states * actions * branching)
        for (let row = 0; row < states * actions; row++) {
          const of = <T extends Int32Array | Float64Array>(all: T) => [
            ...all.subarray(row * branching, (row + 1) * branching),
          ]
          const successors = of(table.successor)
          expect(new Set(successors).size).toBe(branching)
          expect(successors.every((s, i) => s >= 0 && s < states && (i === 0 || s > successors[i - 1]!))).toBe(true)
          const chances = of(table.probability)
          expect(chances.every((p) => p >= 0)).toBe(true)
          expect(Math.abs(chances.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-12)
          const rewards = of(table.reward)
          expect(new Set(rewards).size).toBe(1)
          expect(rewards[0]! >= 0 && rewards[0]! < 1).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('follow from their settings and seed', () => {
    expect(make({ seed: 3 }).table).toEqual(make({ seed: 3 }).table)
    expect(make({ seed: 3 }).table.successor).not.toEqual(make({ seed: 4 }).table.successor)
  })

  // Fixed for ever: another number here would change every result on garnet problems, and asks for version 2.
  it('stay what they are', () => {
    const { table } = make({ states: 5, actions: 2, branching: 2, seed: 1 })
    expect([...table.successor]).toEqual([1, 3, 3, 4, 0, 2, 0, 4, 0, 1, 0, 1, 1, 4, 2, 3, 0, 3, 1, 4])
    expect([...table.probability.subarray(0, 4)]).toEqual([
      0.657470484264195, 0.34252951573580503, 0.2063197153620422, 0.7936802846379578,
    ])
    expect([...table.reward.subarray(0, 4)]).toEqual([
      0.7282447908073664, 0.7282447908073664, 0.32797717535868287, 0.32797717535868287,
    ])
  })

  // Each state is one of 3 successors in 10 with probability 0.3; the mean of a reward and of a part are 1/2 and 1/3.
  it('draw successors, parts and rewards evenly', () => {
    const { table } = make({ states: 10, actions: 1000, branching: 3 })
    const counts = new Array<number>(10).fill(0)
    for (const s of table.successor) counts[s]! += 1
    for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(5 * Math.sqrt(10_000 * 0.3 * 0.7))
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
    for (const part of [0, 1, 2]) {
      expect(mean([...table.probability].filter((_, k) => k % 3 === part))).toBeCloseTo(1 / 3, 1.7)
    }
    expect(mean([...table.reward])).toBeCloseTo(0.5, 1.7)
  })

  it('become models of the same size', () => {
    const mdp = toMdp(make({ states: 1000, actions: 10, branching: 20 }))
    expect([mdp.numStates, mdp.numActions, mdp.successor.length]).toEqual([1000, 10, 200_000])
  })

  it('are known by name', () => {
    expect(garnet.create(garnet.schema.parse({ states: 7 })).spec.numStates).toBe(7)
  })
})

describe('garnet config', () => {
  it.each([
    [{ states: 2 }, /3 different successors, but only 2 states/],
    [{ states: 100_000, actions: 100 }, /30000000 outcomes of 36 bytes each, at most 20000000/],
    [{ branching: 0 }, /1/],
    [{ seed: -1 }, /0/],
    [{ size: 3 }, /size/],
  ])('refuses %j', (config, message) => {
    expect(garnetConfig.safeParse(config).error?.issues[0]?.message).toMatch(message)
  })
})
