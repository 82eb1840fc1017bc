import { describe, expect, it } from 'vitest'
import { Env, type EnvState } from '../env.js'
import { StateError } from '../errors.js'
import type { Json } from '../json.js'
import type { Rng } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { LeavingTeam } from '../testing/leaving-team.js'
import { replayTrace } from './replay.js'
import { type Trace, traceSchema } from './trace-schema.js'

/** Two agents add their actions and a drawn number to a total; it ends at 10. Each sees half of the total. */
class Adder extends Env {
  readonly spec: EnvSpec = {
    id: 'adder',
    version: '1',
    agents: ['ann', 'bob'].map((name) => ({ name, observation: box(1), action: discrete(3), numObservations: 0 })),
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
  #slot!: Slot
  #rng: Rng | undefined
  #total = 0
  #drawn: number | undefined

  override bind(slot: Slot): void {
    this.#slot = slot
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#begin(rng.integer(3))
  }

  override injectInitial(json: Json): void {
    const { total } = json as { total: number }
    if (total < 0) throw new StateError('adder.injectInitial: total lies below 0')
    this.#begin(total)
  }

  override applyEvents(json: Json): void {
    this.#drawn = (json as { drawn: number }).drawn
  }

  override step(actions: Int32Array): void {
    const drawn = this.#drawn ?? this.#rng?.integer(3) ?? 0
    this.#drawn = undefined
    this.#slot.reward[0] = actions[0]!
    this.#slot.reward[1] = actions[1]! / 3
    this.#total += actions[0]! + actions[1]! + drawn
    this.#write()
  }

  override saveState(): EnvState {
    return { total: this.#total, rng: [] }
  }

  override loadState(): void {}

  #begin(total: number): void {
    this.#total = total
    this.#slot.reward.fill(0)
    this.#write()
  }

  #write(): void {
    this.#slot.observation.fill(this.#total / 2)
    this.#slot.terminated[0] = this.#total >= 10 ? 1 : 0
  }
}

const trace: Trace = traceSchema.parse({
  format: 'cadre-trace/1',
  env: 'adder',
  config: {},
  tolerance: 0.01,
  episodes: [
    {
      initial: { total: 3 },
      initialObservations: [[1.5], [1.5]],
      steps: [
        { actions: [1, 2], rewards: [1, 0.667], terminated: false, truncated: false },
        {
          actions: [0, 1],
          rewards: [0, 0.333],
          observations: [[5], [5]],
          terminated: true,
          truncated: false,
          state: { total: 10 },
          events: { drawn: 3 },
        },
      ],
    },
    { initial: { total: 9 }, steps: [{ actions: [1, 0], rewards: [1, 0], terminated: true, truncated: false }] },
  ],
})

/** The trace with one thing changed. */
function altered(change: (episodes: Trace['episodes']) => void): Trace {
  const copy = structuredClone(trace)
  change(copy.episodes)
  return copy
}

describe('replayTrace', () => {
  it('starts where the trace starts, and takes what was drawn from it', () => {
    expect(replayTrace(new Adder(), trace)).toBeNull()
  })

  it.each<[string, (episodes: Trace['episodes']) => void, object]>([
    [
      'an observation before the first step',
      ([one]) => (one!.initialObservations![1]![0] = 7),
      { episode: 0, step: null, agent: 'bob', field: 'observation[0]', expected: 7, got: 1.5 },
    ],
    [
      'a reward',
      ([one]) => (one!.steps[0]!.rewards[1] = 0.6),
      { episode: 0, step: 0, agent: 'bob', field: 'reward', expected: 0.6, got: 2 / 3 },
    ],
    [
      'an observation',
      ([one]) => (one!.steps[1]!.observations![0]![0] = 4),
      { episode: 0, step: 1, agent: 'ann', field: 'observation[0]', expected: 4, got: 5 },
    ],
    [
      'the end',
      ([, two]) => (two!.steps[0]!.terminated = false),
      { episode: 1, step: 0, agent: null, field: 'terminated', expected: false, got: true },
    ],
    [
      'a cut-off',
      ([, two]) => (two!.steps[0]!.truncated = true),
      { episode: 1, step: 0, agent: null, field: 'truncated', expected: true, got: false },
    ],
    [
      'a field of the state',
      ([one]) => (one!.steps[1]!.state = { total: 11 }),
      { episode: 0, step: 1, agent: null, field: 'state.total', expected: 11, got: 10 },
    ],
    [
      'the state as a whole',
      ([one]) => (one!.steps[1]!.state = 11),
      { episode: 0, step: 1, agent: null, field: 'state', expected: 11, got: { total: 10, rng: [] } },
    ],
    [
      'events',
      ([one]) => (one!.steps[1]!.events = { drawn: 5 }),
      { episode: 0, step: 1, agent: 'ann', field: 'observation[0]', expected: 5, got: 6 },
    ],
    [
      'the start of a later episode',
      ([, two]) => (two!.initial = { total: 1 }),
      { episode: 1, step: 0, agent: null, field: 'terminated', expected: true, got: false },
    ],
  ])('finds %s that differs', (_, change, divergence) => {
    expect(replayTrace(new Adder(), altered(change))).toEqual(divergence)
  })

  it('says where the start stands that an environment refuses', () => {
    const refused = altered(([, two]) => (two!.initial = { total: -1 }))
    expect(() => replayTrace(new Adder(), refused)).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE',
        message: expect.stringMatching(/^episodes\.1\.initial: .*below 0/),
      }),
    )
  })

  it('says which method threw, and where, whatever it threw', () => {
    class Refusing extends Adder {
      override step(actions: Int32Array): void {
        if (actions[1] === 1) throw new StateError('adder.step: no more')
        super.step(actions)
      }
    }
    expect(() => replayTrace(new Refusing(), trace)).toThrow(
      expect.objectContaining({
        code: 'ERR_USER_MODULE',
        message: 'episode 0, step 1: step threw StateError: adder.step: no more',
      }),
    )
  })

  it('needs an environment that can start from a given state', () => {
    expect(() => replayTrace(new LeavingTeam(), trace)).toThrow(
      expect.objectContaining({ code: 'ERR_STATE', message: expect.stringMatching(/given state/) }),
    )
  })
})
