import { describe, expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { environments } from '#env/environments.js'
import type { PolicyEntry } from '#env/registry.js'
import { normalisedScore, regret } from '#results/statistics/score-scale.js'
import { ModelCache } from '../evaluation/model-cache.js'
import type { BaselinePlan } from '../plan/trial-plan.js'
import type { Entries } from './entries.js'
import { moduleEntries } from './module-entries.js'
import { computeReferences } from './references.js'

type Task = Parameters<typeof computeReferences>[0]

/** References of a shipped environment; discount 1 unless told otherwise. */
async function referencesOf(
  use: string,
  settings: object = {},
  task: Partial<Task> = {},
  entries: Entries = moduleEntries,
) {
  const entry = environments.find(({ name }) => name === use)!
  const environment = { label: use, name: use, version: entry.version, use, sha256: null, data: null }
  const { references } = await computeReferences(
    {
      environment: { ...environment, config: entry.schema.parse(settings) as never },
      fold: null,
      discount: 1,
      evaluation: { points: 1, method: 'auto', episodes: 4, act: 'greedy' },
      optimum: true,
      localStarts: 0,
      baselines: [],
      ...task,
    },
    entries,
    new ModelCache(),
  )
  return references
}

const baseline = (use: string): BaselinePlan => ({ use, sha256: null, label: use, config: {}, on: [] })

// The shared known answers (mdp.yaml).
it.each([
  ['taxi', {}, 7.93],
  ['cliff-walking', { limitSteps: 50 }, -13],
  // Of 50 steps, by a loop over time written apart; without a limit it would be -64.70917591.
  ['cliff-walking', { limitSteps: 50, slippery: true }, -47.1022302002],
  ['cliff-walking', { limitSteps: 5 }, -5],
  ['cliff-walking', { limitSteps: 12 }, -12],
  ['frozen-lake', {}, 14 / 17],
  ['frozen-lake', { map: '8x8' }, 1],
  ['two-step', {}, 8],
])('knows the best total reward of %s %j without discount: %d', async (use, settings, expected) => {
  expect((await referencesOf(use, settings)).optimum).toBeCloseTo(expected, 7)
})

it('is of as many steps as scores are, where rewards go on for ever: two of 10 in five, and on', async () => {
  const { optimum, horizonSteps, method, failures } = await referencesOf('gridworld')
  expect([horizonSteps, method, failures]).toEqual([100, 'exact', undefined])
  expect(optimum).toBeCloseTo(198, 9)
})

describe('a scale', () => {
  it('says what is rounding: with one action the optimum is no better than acting at random', async () => {
    const task = { discount: 0.99, baselines: [baseline('random')] }
    const found = await referencesOf('garnet', { states: 50, actions: 1, branching: 3 }, task)
    expect(Math.abs(found.optimum! - found.random!)).toBeLessThan(found.resolution!)
    expect(found.policies).toEqual([{ name: 'random', value: found.random, normalised: null, regret: null }])
    expect([regret(found.random!, found), normalisedScore(found.optimum!, found)]).toEqual([null, null])
  })

  it('is far finer than what there is to gain, whatever the unit of rewards and however far the discount looks', async () => {
    for (const [waitReward, cutReward, discount] of [
      [4, 2, 0.9],
      [4e-9, 2e-9, 0.99],
      [1e4, 2e3, 0.99],
      [1e12, 2e12, 0.9999],
    ] as const) {
      const { optimum, random, resolution } = await referencesOf('forest', { waitReward, cutReward }, { discount })
      expect(resolution! / (optimum! - random!)).toBeLessThan(1e-6)
    }
  })
})

it.each(['forest', 'gridworld', 'car-rental', 'garnet', 'frozen-lake', 'taxi', 'cliff-walking', 'gambler', 'two-step'])(
  'is known at discount .9999: %s',
  { timeout: 120_000 },
  async (use) => {
    const { optimum, random, failures } = await referencesOf(use, {}, { discount: 0.9999 })
    expect(failures).toBeUndefined()
    expect([Number.isFinite(optimum), Number.isFinite(random)]).toEqual([true, true])
  },
)

it('plans nothing where no optimum is wanted', async () => {
  const found = await referencesOf('forest', {}, { discount: 0.9, optimum: false, baselines: [baseline('random')] })
  expect([found.optimum, found.resolution, found.maps]).toEqual([null, 0, undefined])
  expect(found.policies.map(({ name }) => name)).toEqual(['random'])
})

it('leaves out what fails, alone and by name', async () => {
  const broken: PolicyEntry = {
    ...random,
    name: 'broken',
    create: () => {
      throw new RangeError('no such skill')
    },
  }
  const entries: Entries = {
    ...moduleEntries,
    policy: async (ref, entry) => (ref.use === 'broken' ? broken : moduleEntries.policy(ref, entry)),
  }
  const task = { discount: 0.9, baselines: [baseline('broken'), baseline('random')] }
  const { optimum, policies, failures } = await referencesOf('forest', {}, task, entries)
  expect(optimum).toBeGreaterThan(0)
  expect(policies.map(({ name }) => name)).toEqual(['random'])
  expect(failures).toEqual([
    {
      name: 'broken',
      code: 'RangeError',
      message: expect.stringContaining('no such skill'),
      stack: expect.stringContaining('references.test.ts'),
    },
  ])
})
