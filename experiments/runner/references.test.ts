import { expect, it } from 'vitest'
import { environments } from '#env/environments.js'
import { ModelCache } from '../evaluation/model-cache.js'
import { moduleEntries } from './module-entries.js'
import { computeReferences } from './references.js'

/** References of an environment at discount 1. */
async function undiscounted(use: string, settings: object = {}) {
  const entry = environments.find(({ name }) => name === use)!
  const { references } = await computeReferences(
    {
      environment: {
        label: use,
        name: use,
        version: entry.version,
        use,
        sha256: null,
        config: entry.schema.parse(settings) as never,
        data: null,
      },
      fold: null,
      discount: 1,
      evaluation: { points: 1, method: 'auto', episodes: 4, act: 'greedy' },
      optimum: true,
      localStarts: 0,
      baselines: [],
    },
    moduleEntries,
    new ModelCache(),
  )
  return references
}

// The shared known answers (mdp.yaml).
it.each([
  ['taxi', {}, 7.93],
  ['cliff-walking', { limitSteps: 50 }, -13],
  ['cliff-walking', { limitSteps: 50, slippery: true }, -64.70917591],
  ['frozen-lake', {}, 14 / 17],
  ['frozen-lake', { map: '8x8' }, 1],
  ['two-step', {}, 8],
])('knows the best total reward of %s %j without discount: %d', async (use, settings, expected) => {
  expect((await undiscounted(use, settings)).optimum).toBeCloseTo(expected, 7)
})

it('knows none where rewards go on for ever', async () => {
  expect((await undiscounted('gridworld')).optimum).toBeNull()
})
