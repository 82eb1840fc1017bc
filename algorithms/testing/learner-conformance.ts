import { afterEach, expect, it } from 'vitest'
import type { Env } from '#env/env.js'
import { StateError } from '#env/errors.js'
import { withMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import { throughBytes } from '../conformance/through-bytes.js'
import { groupOfOne } from '../group-of-one.js'
import type { LearnerEntry, LearnerGroup, LearnerState, NumberArray } from '../learner.js'
import type { TensorBackend } from '../tensor/backend.js'
import { actionsFor, contextFor } from './make-learner.js'

const ROWS = 4

/** How a learner is run. */
export interface LearnerConformance {
  /** Opens the backend that its tensor form is checked on; absent for arrays. */
  readonly tensors?: () => Promise<TensorBackend>
  /** Steps of a run, over 4 rows each; fewer where a step is slow. Default 500. */
  readonly vectorSteps?: number
}

/**
 * What every learner promises, checked in the environment given: `describe('x', () => learnerConformance(x, make))`.
 * @param settings - of the learner; those with little exploration make the greedy branch run too
 */
export function learnerConformance(
  entry: LearnerEntry,
  make: () => Env,
  settings: object = { exploration: 0.3 },
  { tensors, vectorSteps = 500 }: LearnerConformance = {},
): void {
  const config = entry.schema.parse(settings)
  const made: LearnerGroup[] = []
  afterEach(() => {
    for (const group of made.splice(0)) group.dispose()
  })
  const start = async (seed: string) => {
    // What it doesn't ask for it can't have read.
    const env = new VectorEnv(make, ROWS, `${seed}/env`, entry.needs?.(config) ?? {})
    const context = contextFor(env, { totalSteps: ROWS * vectorSteps, rng: new Rng(`${seed}/learner`) })
    const group =
      tensors === undefined
        ? groupOfOne(await entry.forms.arrays!(context, config))
        : await entry.forms.tensors!([context], config, await tensors())
    made.push(group)
    env.reset()
    return { env, group, learner: group.members[0]!, actions: actionsFor(env) }
  }
  type Started = Awaited<ReturnType<typeof start>>
  const step = async ({ env, group, actions }: Started) => {
    await group.act([env.current], [actions])
    await group.update([env.step(actions)])
  }
  const run = async (started: Started, steps: number) => {
    const trace: number[] = []
    for (let k = 0; k < steps; k++) {
      await step(started)
      trace.push(...started.actions)
    }
    await started.group.settle()
    return trace
  }

  it('chooses only legal actions, exploring and greedy', async () => {
    const started = await start('legal')
    const { env, group, learner, actions } = started
    const { numActions } = env.layout
    const greedy = new Int32Array(actions.length)
    const illegal = (chosen: Int32Array) =>
      [...chosen].some((a, c) => {
        const mask = env.current.mask.subarray(c * numActions, (c + 1) * numActions)
        return mask.includes(1) ? mask[a] !== 1 : a !== 0
      })
    for (let k = 0; k < vectorSteps; k++) {
      const policy = learner.policy()
      policy.act(withMemory(env.current, policy), new Rng('unused'), greedy)
      await group.act([env.current], [actions])
      expect([illegal(greedy), illegal(actions)]).toEqual([false, false])
      await group.update([env.step(actions)])
      if (k % 10 === 0) await group.settle()
    }
  })

  it('does the same from the same seed, and something else from another', async () => {
    const first = await run(await start('seed'), vectorSteps)
    expect(await run(await start('seed'), vectorSteps)).toEqual(first)
    expect(await run(await start('another'), vectorSteps)).not.toEqual(first)
  })

  it('goes on from a saved state as if it had never stopped', async () => {
    const whole = await start('resume')
    await run(whole, vectorSteps)
    const uncut = new GrowingState()
    const cut = new GrowingState()
    const before = await start('resume')
    await run(before, 0.4 * vectorSteps)
    const after = await start('elsewhere')
    after.env.loadState(throughJson(before.env.saveState()))
    after.learner.loadState(cut.take(before.learner.saveState()))
    await run(after, 0.6 * vectorSteps)
    const [expected, found] = [whole, after].map(({ learner }, i) => {
      const { arrays, data } = (i === 0 ? uncut : cut).take(learner.saveState())
      return { arrays, data }
    })
    expect(found).toEqual(expected)
    // What only grows shows in what is made of it.
    for (const { group } of [whole, after]) await group.finish()
    expect(throughBytes(after.learner.saveState()).arrays).toEqual(throughBytes(whole.learner.saveState()).arrays)
  })

  it('tells, if anything, finite numbers since it was last asked, the same after resuming', async () => {
    const going = await start('metrics')
    await run(going, 30)
    const resumed = await start('elsewhere')
    resumed.env.loadState(throughJson(going.env.saveState()))
    resumed.learner.loadState(new GrowingState().take(going.learner.saveState()))
    for (const started of [going, resumed]) await run(started, 20)
    const told = going.learner.metrics?.() ?? {}
    expect(resumed.learner.metrics?.() ?? {}).toEqual(told)
    for (const value of Object.values(told)) expect(Number.isFinite(value)).toBe(true)
    if (told['td-error'] !== undefined) {
      expect(told['td-error']).toBeGreaterThanOrEqual(0)
      expect(going.learner.metrics!()).not.toHaveProperty('td-error')
    }
  })

  it("refuses another learner's state", async () => {
    const { learner } = await start('refuse')
    expect(() =>
      learner.loadState({ arrays: { values: new Float64Array(1) }, data: { step: 0, rng: [0, 0, 0, 1] } }),
    ).toThrowError(StateError)
  })

  it('learns: values move away from where they started', async () => {
    const going = await start('learns')
    const before = throughBytes(going.learner.saveState())
    await run(going, vectorSteps)
    await going.group.finish()
    expect(going.learner.saveState()).not.toEqual(before)
  })
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** States as checkpoints keep them: what only grows is put together. */
class GrowingState {
  readonly #grown: { [name: string]: NumberArray } = {}

  take(state: LearnerState): LearnerState {
    const { added, ...rest } = throughBytes(state)
    for (const [name, array] of Object.entries(added ?? {})) {
      const before = this.#grown[name] ?? array.slice(0, 0)
      const joined = new (array.constructor as new (length: number) => typeof array)(before.length + array.length)
      joined.set(before)
      joined.set(array, before.length)
      this.#grown[name] = joined
    }
    return added === undefined ? rest : { ...rest, added: { ...this.#grown } }
  }
}
