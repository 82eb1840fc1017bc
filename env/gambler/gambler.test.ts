import { describe, expect, it } from 'vitest'
import { toMdp } from '../mdp/enumerate.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { asOriginal } from '../testing/as-original.js'
import { envConformance } from '../testing/env-conformance.js'
import { playEpisode } from '../testing/play-episode.js'
import { gamblerConfig } from './config.js'
import { gambler } from './entry.js'
import { Gambler } from './gambler.js'
import { gamblerPolicies } from './policies.js'

const make = (config: object = {}) => new Gambler(gamblerConfig.parse(config))

describe('gambler', () => {
  envConformance(() => make())
})

describe('gambler who must stake, of an odd goal, without a limit', () => {
  envConformance(() => make({ goal: 9, headProbability: 0.5, allowZero: false, start: 4, limitSteps: null }))
})

describe('gambler rules', () => {
  it('stakes at most the capital and what is missing', () => {
    const slotAt = (capital: number, config: object = {}) => {
      const env = make({ start: capital, ...config })
      const slot = allocateSlots(env.spec, 1).rows[0]!
      env.bind(slot)
      env.reset(new Rng('stake'))
      return { env, slot }
    }
    const legal = (capital: number, config?: object) =>
      [...slotAt(capital, config).slot.mask].flatMap((value, stake) => (value === 1 ? [stake] : []))
    expect(legal(3)).toEqual([0, 1, 2, 3])
    expect(legal(98)).toEqual([0, 1, 2])
    expect(legal(50)).toHaveLength(51)
    expect(legal(2, { allowZero: false })).toEqual([1, 2])
    expect(() => slotAt(3).env.step(Int32Array.of(4))).toThrow(/gambler: "stake 4" is illegal in state 3/)
  })

  it('wins or loses the stake, and earns 1 at the goal', () => {
    const table = asOriginal(make({ goal: 10, headProbability: 0.4 }).table)
    expect(table[6]![4]).toEqual([
      [0.4, 10, 1, true],
      [0.6, 2, 0, false],
    ])
    expect(table[3]![3]).toEqual([
      [0.4, 6, 0, false],
      [0.6, 0, 0, true],
    ])
    expect(table[3]![0]).toEqual([[1, 3, 0, false]])
    expect(table[3]![4]).toEqual([])
  })

  it('starts anywhere below the goal, or where told', () => {
    expect([...toMdp(make({ goal: 4 })).start]).toEqual([0, 1 / 3, 1 / 3, 1 / 3, 0])
    expect([...toMdp(make({ goal: 4, start: 2 })).start].indexOf(1)).toBe(2)
  })

  // A coin that always comes up heads: bold play doubles 1, 2, ..., 64, then stakes 36; timid play adds 1.
  it.each([
    ['bold-play', 7],
    ['timid-play', 99],
  ])('%s goes from 1 to 100 in %d heads', (name, steps) => {
    const config = gamblerConfig.parse({ headProbability: 1, start: 1 })
    const env = new Gambler(config)
    const policy = gamblerPolicies
      .find((entry) => entry.name === name)!
      .create({ spec: env.spec, envConfig: config }, {})
    expect(playEpisode(env, policy, 'heads')).toEqual({ score: 1, steps, lastState: 100 })
  })

  it('draws the capital as tens and ones, without the ends', () => {
    const view = gambler.policyView!(gambler.schema.parse({ goal: 15 }))
    expect(view.panels[0]!.states).toEqual([
      [-1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [10, 11, 12, 13, 14, -1, -1, -1, -1, -1],
    ])
    expect(view.describe(Int32Array.of(3))).toBe('stake 3')
    expect(gambler.policyView!(gambler.schema.parse({ goal: 1000 })).panels[0]!.states).toEqual([])
  })
})

describe('gambler config', () => {
  it.each([
    [{ goal: 1 }, /2/],
    [{ headProbability: 1.5 }, /1/],
    [{ start: 100 }, /capital 100 lies outside 1\.\.99/],
    [{ start: 0 }, /1|uniform/],
    [{ limitSteps: 0 }, />=1/],
    [{ p: 0.4 }, /p/],
  ])('refuses %j', (config, message) => {
    expect(gamblerConfig.safeParse(config).error?.issues[0]?.message).toMatch(message)
  })
})
