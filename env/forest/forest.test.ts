import { describe, expect, it } from 'vitest'
import { toMdp } from '../mdp/enumerate.js'
import { asOriginal } from '../testing/as-original.js'
import { envConformance } from '../testing/env-conformance.js'
import { playEpisode } from '../testing/play-episode.js'
import { forestConfig } from './config.js'
import { forest } from './entry.js'
import { Forest } from './forest.js'
import { forestPolicies } from './policies.js'

const make = (config: object = {}) => new Forest(forestConfig.parse(config))

describe('forest', () => {
  envConformance(() => make())
})

describe('forest of ten ages from the youngest, without a limit', () => {
  envConformance(() => make({ states: 10, fireProbability: 0.3, start: 0, limitSteps: null }))
})

describe('forest rules', () => {
  // pymdptoolbox, example.forest(): P[wait] = [[.1, .9, 0], [.1, 0, .9], [.1, 0, .9]], P[cut] = [1, 0, 0] in every row,
  // R = [[0, 0], [0, 1], [4, 2]].
  it("equals pymdptoolbox's example", () => {
    const mdp = toMdp(make())
    expect([...mdp.successor]).toEqual([0, 1, 0, 0, 2, 0, 0, 2, 0])
    expect([...mdp.probability]).toEqual([0.1, 0.9, 1, 0.1, 0.9, 1, 0.1, 0.9, 1])
    expect([...mdp.reward]).toEqual([0, 0, 0, 1, 4, 2])
    expect([...mdp.start]).toEqual(new Array(3).fill(1 / 3))
  })

  it('pays 1 for wood of any age between the youngest and the oldest', () => {
    const table = asOriginal(make({ states: 5, waitReward: 7, cutReward: 6 }).table)
    expect([0, 1, 2, 3, 4].map((age) => table[age]![1]![0]![2])).toEqual([0, 1, 1, 1, 6])
    expect([0, 1, 2, 3, 4].map((age) => table[age]![0]![0]![2])).toEqual([0, 0, 0, 0, 7])
  })

  it('has one outcome where fire is certain or impossible', () => {
    expect(asOriginal(make({ fireProbability: 0 }).table)[0]![0]).toEqual([[1, 1, 0, false]])
    expect(asOriginal(make({ fireProbability: 1 }).table)[1]![0]).toEqual([[1, 0, 0, false]])
  })

  // Without fires, from age 0: wait, wait, then 4 a year | wait, wait, 2, and again | wait, 1, and again.
  it.each([
    ['always-wait', 10, 32],
    ['cut-when-old', 9, 6],
    ['cut-young', 10, 5],
  ])('%s earns in %d years without fires %d', (name, limitSteps, score) => {
    const config = forestConfig.parse({ fireProbability: 0, start: 0, limitSteps })
    const entry = forestPolicies.find((policy) => policy.name === name)!
    const env = new Forest(config)
    const policy = entry.create({ spec: env.spec, envConfig: config }, {})
    expect(playEpisode(env, policy, 'years')).toMatchObject({ score, steps: limitSteps })
  })

  it('draws the ages in a row, at most 64', () => {
    const view = forest.policyView!(forest.schema.parse({ states: 3 }))
    expect(view.panels[0]!.states).toEqual([[0, 1, 2]])
    expect(view.describe(Int32Array.of(1))).toBe('cut')
    expect(forest.policyView!(forest.schema.parse({ states: 500 })).panels[0]!.x).toHaveLength(64)
  })
})

describe('forest config', () => {
  it.each([
    [{ states: 1 }, /2/],
    [{ fireProbability: -0.1 }, /0/],
    [{ start: 3 }, /age 3 lies outside 0\.\.2/],
    [{ waitReward: Number.NaN }, /NaN/],
    [{ limitSteps: 0 }, />=1/],
    [{ p: 0.1 }, /p/],
  ])('refuses %j', (config, message) => {
    expect(forestConfig.safeParse(config).error?.issues[0]?.message).toMatch(message)
  })
})
