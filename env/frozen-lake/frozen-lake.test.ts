import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { asOriginal, type Transitions } from '../testing/as-original.js'
import { envConformance } from '../testing/env-conformance.js'
import { frozenLakeConfig } from './config.js'
import { FrozenLake } from './frozen-lake.js'

const shared = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const tables = `${shared}/known-answers/toy-text-transitions.json`

const make = (config: object = {}) => new FrozenLake(frozenLakeConfig.parse(config))

describe('frozen-lake 4x4', () => {
  envConformance(() => make())
})

describe('frozen-lake 8x8, terminated at the limit', () => {
  envConformance(() => make({ map: '8x8', limitAs: 'terminated', limitSteps: 20 }))
})

describe('frozen-lake without slipping', () => {
  envConformance(() => make({ slippery: false, map: ['SFF', 'FHF', 'FSG'] }))
})

describe('frozen-lake equals Gymnasium', () => {
  it.skipIf(!existsSync(tables))(
    'transition for transition (skipped without ../shared, which holds the tables)',
    () => {
      const original = JSON.parse(readFileSync(tables, 'utf8')) as { [name: string]: Transitions }
      expect(asOriginal(make().table)).toEqual(original.frozenlake4x4)
      expect(asOriginal(make({ map: '8x8' }).table)).toEqual(original.frozenlake8x8)
    },
  )

  it('has the limits of the original: 100 and 200 steps', () => {
    expect(make().spec.limitSteps).toBe(100)
    expect(make({ map: '8x8' }).spec.limitSteps).toBe(200)
    expect(make({ limitSteps: null }).spec.limitSteps).toBe(null)
  })

  it('pays 1 at the goal and ends there', () => {
    const env = make({ slippery: false })
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    env.reset(new Rng('goal'))
    const rewards = [1, 1, 2, 1, 2, 2].map((action) => {
      env.step(Int32Array.of(action))
      return slot.reward[0]
    })
    expect(rewards).toEqual([0, 0, 0, 0, 0, 1])
    expect([slot.terminated[0], slot.truncated[0], slot.stateId[0]]).toEqual([1, 0, 15])
  })

  it.each([
    ['truncated', [0, 1]],
    ['terminated', [1, 0]],
  ] as const)('ends at the limit as %s', (limitAs, flags) => {
    const env = make({ slippery: false, limitSteps: 1, limitAs })
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    env.reset(new Rng('limit'))
    env.step(Int32Array.of(0))
    expect([slot.terminated[0], slot.truncated[0]]).toEqual(flags)
  })
})

describe('frozen-lake config', () => {
  it.each([
    [{ map: '5x5' }, /4x4, 8x8 or a list of rows/],
    [{ map: ['SX', 'FG'] }, /letters S, F, H and G/],
    [{ map: ['SF', 'G'] }, /equal/],
    [{ map: ['FF', 'FG'] }, /start/],
    [{ map: ['SF', 'FF'] }, /goal/],
    [{ slippery: 'yes' }, /boolean/],
    [{ limitSteps: 0 }, />=1/],
    [{ sliperry: true }, /sliperry/],
  ])('refuses %j', (config, message) => {
    expect(frozenLakeConfig.safeParse(config).error?.issues[0]?.message).toMatch(message)
  })
})
