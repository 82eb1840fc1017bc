import { z } from 'zod'
import { defineLearner } from '#algorithms/learner.js'
import { scheduleWithin } from '#algorithms/schedule.js'
import { Env, type EnvState } from '#env/env.js'
import { SpaceError } from '#env/errors.js'
import type { StartSink, TransitionSink } from '#env/mdp/transition-sink.js'
import type { Policy } from '#env/policy.js'
import { defineEnv, definePolicy } from '#env/registry.js'
import type { Slot } from '#env/slot.js'
import { discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import type { Registry } from '../../modules/registry.js'

/** One state, one step, one agent; action 1 of two pays `prize`. Enough for configuration, planning and `solve`. */
class Coin extends Env {
  readonly spec: EnvSpec
  readonly #prize: number
  #slot: Slot | undefined

  constructor(prize: number) {
    super()
    this.#prize = prize
    this.spec = {
      id: 'coin',
      version: '1',
      agents: [
        {
          name: 'tosser',
          observation: { kind: 'box', size: 1, low: 0, high: 1 },
          action: discrete(2),
          numObservations: 3,
        },
      ],
      numStates: 3,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
      limitSteps: null,
    }
  }

  bind(slot: Slot): void {
    this.#slot = slot
  }

  reset(): void {
    this.showState(0)
  }

  step(actions: Int32Array): void {
    this.#slot!.reward[0] = actions[0] === 1 ? this.#prize : 0
    this.showState(2)
    this.#slot!.terminated[0] = 1
  }

  saveState(): EnvState {
    return {}
  }

  loadState(): void {
    this.showState(0)
  }

  override startStates(sink: StartSink): void {
    sink.add(0, 1)
  }

  override showState(state: number): void {
    const slot = this.#slot!
    slot.stateId[0] = state
    slot.observationId[0] = state
    slot.mask.fill(state === 2 ? 0 : 1)
    slot.terminated[0] = 0
    slot.truncated[0] = 0
    slot.reward.fill(0)
  }

  override transitions(_state: number, jointAction: Int32Array, sink: TransitionSink): void {
    sink.add(2, 1, [jointAction[0] === 1 ? this.#prize : 0], true)
  }
}

const flipper: Policy = {
  observes: 'local',
  act: (batch, _rng, out) => out.fill(1, 0, batch.size),
}

const coinSchema = z.strictObject({
  prize: z.number().default(1).describe('what heads pay'),
  sides: z.array(z.strictObject({ name: z.string().min(1), weight: z.number().min(0).max(1) })).optional(),
  view: z.enum(['full', 'local', 'none']).default('full'),
})

const coin = defineEnv<z.infer<typeof coinSchema>>({
  name: 'coin-toss',
  aliases: ['coin'],
  summary: 'a coin',
  version: '3',
  schema: coinSchema,
  create: (config) => {
    if (config.prize < 0) throw new SpaceError('coin-toss: the prize is negative')
    return new Coin(config.prize)
  },
  policies: [
    definePolicy<unknown, object>({
      name: 'always-heads',
      aliases: [],
      summary: 'takes heads',
      schema: z.strictObject({}),
      create: () => flipper,
    }),
  ],
})

const learnerSchema = z.strictObject({
  learningRate: scheduleWithin(0, 1).default(0.1).describe('step size'),
  exploration: scheduleWithin(0, 1).default(0.2),
  table: z.int().min(1).default(8),
})

const tabular = defineLearner<z.infer<typeof learnerSchema>>({
  name: 'table-q',
  aliases: ['q'],
  summary: 'a table',
  version: '2',
  schema: learnerSchema,
  forms: {
    arrays: (_context, config) => {
      if (config.table === 13) throw new SpaceError('table-q: 13 entries bring bad luck')
      return {
        act: () => {},
        update: () => {},
        policy: () => flipper,
        saveState: () => ({ arrays: {}, data: {} }),
        loadState: () => {},
      }
    },
  },
})

/** Entries small enough to count on: environment coin-toss, learner table-q, policies always-heads and threshold. */
export const stubRegistry: Registry = {
  environments: async () => [coin],
  learners: async () => [tabular],
  baselines: async () => [
    definePolicy<unknown, { at: number }>({
      name: 'threshold',
      aliases: [],
      summary: 'acts above a threshold',
      schema: z.strictObject({ at: z.number().min(0).default(0.5) }),
      create: () => flipper,
    }),
  ],
}
