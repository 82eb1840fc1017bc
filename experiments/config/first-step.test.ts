import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineLearner, type Learner } from '#algorithms/learner.js'
import { Env, type EnvState } from '#env/env.js'
import { ConfigError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { defineEnv, definePolicy } from '#env/registry.js'
import type { Slot } from '#env/slot.js'
import { discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { shipped } from '../modules/registry.js'
import { loadExperimentData } from './load-experiment.js'

/** Two observations; the first step leads to observation `next`, or throws. */
class Door extends Env {
  readonly spec: EnvSpec = {
    id: 'door',
    version: '1',
    agents: [
      {
        name: 'guest',
        observation: { kind: 'box', size: 1, low: 0, high: 1 },
        action: discrete(2),
        numObservations: 2,
      },
    ],
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
  #slot!: Slot
  readonly onStep: (slot: Slot) => void
  constructor(onStep: (slot: Slot) => void) {
    super()
    this.onStep = onStep
  }
  bind(slot: Slot): void {
    this.#slot = slot
  }
  reset(): void {
    this.#slot.observationId[0] = 0
    this.#slot.mask.fill(0).fill(1, 1)
  }
  step(): void {
    this.onStep(this.#slot)
  }
  saveState(): EnvState {
    return {}
  }
  loadState(): void {}
}

const nothing = z.strictObject({})
const fine = (slot: Slot) => {
  slot.observationId[0] = 1
}

/** The problems of an experiment of one environment, learner and baseline of the user's own. */
async function problemsOf(own: {
  onStep?: (slot: Slot) => void
  learner?: Partial<Learner>
  policy?: Policy['act']
  memory?: NonNullable<Policy['memory']>
}): Promise<{ path: string; message: string; stack?: string | undefined }[]> {
  const entry = { aliases: [], summary: '', version: '1', schema: nothing }
  const door = defineEnv<object>({ ...entry, name: 'door', create: () => new Door(own.onStep ?? fine) })
  const second: Policy = { observes: 'local', act: (_batch, _rng, out) => out.fill(1) }
  const learner: Learner = {
    act: (_views, actions) => void actions.fill(1),
    update: () => undefined,
    policy: () => second,
    saveState: () => ({ arrays: {}, data: {} }),
    loadState: () => undefined,
    ...own.learner,
  }
  const registry = {
    environments: async () => [...(await shipped.environments()), door],
    learners: async () => [defineLearner<object>({ ...entry, name: 'mine', forms: { arrays: () => learner } })],
    baselines: async () => [
      definePolicy<unknown, object>({
        ...entry,
        name: 'rule',
        create: () => ({
          ...second,
          ...(own.policy && { act: own.policy }),
          ...(own.memory && { memory: own.memory }),
        }),
      }),
    ],
  }
  const data = {
    name: 'first',
    discount: 0.9,
    steps: 100,
    rows: 3,
    seeds: 1,
    environments: { door: {} },
    algorithms: { mine: {} },
    baselines: ['rule'],
    evaluation: { points: 2, episodes: 2 },
  }
  try {
    await loadExperimentData(data, '/', { registry })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message, stack }) => ({ path, message, stack }))
  }
}

const failing = () => {
  throw new TypeError('nothing there')
}

describe('before any work', () => {
  it('everything plays a step', async () => {
    expect(await problemsOf({})).toEqual([])
  })

  it('a step that throws is a problem of the environment, with its stack', async () => {
    const [problem] = await problemsOf({ onStep: failing })
    expect(problem).toMatchObject({
      path: 'environments.door',
      message: expect.stringMatching(/^failed: nothing there/),
    })
    expect(problem!.stack).toContain('first-step.test.ts')
  })

  it('so is a step to an observation that the spec has not', async () => {
    const onStep = (slot: Slot) => {
      slot.observationId[0] = 2
    }
    const [problem] = await problemsOf({ onStep })
    expect(problem).toMatchObject({
      path: 'environments.door',
      message: expect.stringMatching(/agent "guest" sees observation 2, expected 0 to 1/),
    })
  })

  it('a learner that chooses what is not legal, or throws when it chooses or learns, is named', async () => {
    const choosing = await problemsOf({ learner: { act: (_views, actions) => void actions.fill(0) } })
    expect(choosing).toMatchObject([
      { path: 'algorithms.mine', message: expect.stringMatching(/the learner chose action 0, legal are 1/) },
    ])
    for (const method of ['act', 'update'] as const) {
      const found = await problemsOf({ learner: { [method]: failing } })
      expect(found).toMatchObject([
        { path: 'algorithms.mine', message: expect.stringMatching(/^failed: nothing there/) },
      ])
    }
    const learned: number[] = []
    await problemsOf({ learner: { update: ({ size }) => void learned.push(size) } })
    expect(learned).toEqual([3])
  })

  it('a baseline finds what it remembers at the start', async () => {
    const seen: number[] = []
    const policy: Policy['act'] = ({ memory }, _rng, out) => {
      seen.push(...(memory ?? [-1]))
      out.fill(1)
    }
    expect(await problemsOf({ policy, memory: { size: 2, initial: Float32Array.of(3, 4) } })).toEqual([])
    expect(seen).toEqual([3, 4])
  })

  it('so is a baseline', async () => {
    expect(await problemsOf({ policy: failing })).toMatchObject([
      { path: 'baselines.0', message: expect.stringMatching(/^failed: nothing there/) },
    ])
    const illegal = await problemsOf({ policy: (_batch, _rng, out) => out.fill(0) })
    expect(illegal).toMatchObject([
      { path: 'baselines.0', message: expect.stringMatching(/the policy chose action 0, legal are 1/) },
    ])
  })
})
