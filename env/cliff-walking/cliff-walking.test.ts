import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { toMdp } from '../mdp/enumerate.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { asOriginal, type Transitions } from '../testing/as-original.js'
import { envConformance } from '../testing/env-conformance.js'
import { playEpisode } from '../testing/play-episode.js'
import { CliffWalking } from './cliff-walking.js'
import { cliffWalkingConfig } from './config.js'
import { cliffWalking } from './entry.js'
import { cliffPolicies } from './policies.js'

const shared = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const tables = `${shared}/known-answers/toy-text-transitions.json`

const make = (config: object = {}) => new CliffWalking(cliffWalkingConfig.parse(config))

describe('cliff-walking', () => {
  envConformance(() => make())
})

describe('cliff-walking, slippery and limited', () => {
  envConformance(() => make({ slippery: true, limitSteps: 40 }))
})

describe('cliff-walking equals Gymnasium', () => {
  it.skipIf(!existsSync(tables))(
    'transition for transition (skipped without ../shared, which holds the tables)',
    () => {
      const original = JSON.parse(readFileSync(tables, 'utf8')) as { [name: string]: Transitions }
      expect(asOriginal(make().table)).toEqual(original.cliffwalking)
      expect(asOriginal(make({ slippery: true }).table)).toEqual(original.cliffwalking_slippery)
    },
  )

  it('has no limit, as the original', () => {
    expect(make().spec.limitSteps).toBe(null)
  })

  it('reaches the three upper rows, the start and the goal', () => {
    expect([...toMdp(make()).stateIds]).toEqual([...Array.from({ length: 37 }, (_, s) => s), 47])
  })
})

describe('cliff-walking rules', () => {
  const run = (config: object, actions: number[]) => {
    const env = make(config)
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    env.reset(new Rng('cliff'))
    return actions.map((action) => {
      env.step(Int32Array.of(action))
      return [slot.stateId[0], slot.reward[0], slot.terminated[0], slot.truncated[0]]
    })
  }

  it('falls back to the start and goes on', () => {
    expect(run({}, [1, 0, 1, 2, 3])).toEqual([
      [36, -100, 0, 0],
      [24, -1, 0, 0],
      [25, -1, 0, 0],
      [36, -100, 0, 0],
      [36, -1, 0, 0],
    ])
  })

  it('is truncated at a limit, and terminates at the goal', () => {
    expect(run({ limitSteps: 2 }, [0, 0]).at(-1)).toEqual([12, -1, 0, 1])
    expect(run({ limitSteps: 13 }, [0, ...new Array<number>(11).fill(1), 2]).at(-1)).toEqual([47, -1, 1, 0])
  })
})

describe('cliff-walking policies', () => {
  it.each([
    ['edge-path', 13],
    ['safe-path', 17],
  ])('%s takes %d steps', (name, steps) => {
    const env = make()
    const entry = cliffPolicies.find((policy) => policy.name === name)!
    const policy = entry.create({ spec: env.spec, envConfig: cliffWalkingConfig.parse({}) }, {})
    expect(playEpisode(env, policy, 'path')).toEqual({ score: -steps, steps, lastState: 47 })
  })

  it('draws cells, cliff and goal left out', () => {
    const view = cliffWalking.policyView!(cliffWalking.schema.parse({}))
    expect(view.panels[0]!.states[3]).toEqual([36, ...new Array<number>(11).fill(-1)])
    expect(view.describe(Int32Array.of(1))).toBe('right')
  })
})

describe('cliff-walking config', () => {
  it.each([
    [{ slippery: 1 }, /boolean/],
    [{ limitSteps: 0 }, />=1/],
    [{ slipery: true }, /slipery/],
  ])('refuses %j', (config, message) => {
    expect(cliffWalkingConfig.safeParse(config).error?.issues[0]?.message).toMatch(message)
  })
})
