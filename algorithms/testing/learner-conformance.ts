import { afterEach, expect, it } from 'vitest'
import type { Env } from '#env/env.js'
import { StateError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import { groupOfOne } from '../group-of-one.js'
import type { LearnerEntry, LearnerGroup, LearnerState } from '../learner.js'
import type { TensorBackend } from '../tensor/backend.js'

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
    const env = new VectorEnv(make, ROWS, `${seed}/env`, { actionReward: entry.asksActionRewards?.(config) ?? false })
    const rng = new Rng(`${seed}/learner`)
    const context = { spec: env.spec, discount: 0.9, totalSteps: ROWS * vectorSteps, rows: ROWS, rng }
    const group =
      tensors === undefined
        ? groupOfOne(entry.create(context, config))
        : entry.tensors!([context], config, await tensors())
    made.push(group)
    env.reset()
    return { env, group, learner: group.members[0]!, actions: new Int32Array(ROWS * env.layout.agents) }
  }
  type Started = Awaited<ReturnType<typeof start>>
  const step = async ({ env, group, actions }: Started) => {
    await group.act([env], [actions])
    env.step(actions)
    await group.update([env], [actions])
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
    const { agents, numActions } = env.layout
    const greedy = new Int32Array(actions.length)
    const illegal = (chosen: Int32Array) => [...chosen].some((a, k) => env.mask[k * numActions + a] !== 1)
    for (let k = 0; k < vectorSteps; k++) {
      learner.policy().act(env, new Rng('unused'), greedy)
      await group.act([env], [actions])
      expect([illegal(greedy), illegal(actions)]).toEqual([false, false])
      expect(actions.length).toBe(ROWS * agents)
      env.step(actions)
      await group.update([env], [actions])
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
    const before = await start('resume')
    await run(before, 0.4 * vectorSteps)
    const after = await start('elsewhere')
    after.env.loadState(throughJson(before.env.saveState()))
    after.learner.loadState(throughBytes(before.learner.saveState()))
    await run(after, 0.6 * vectorSteps)
    expect(after.learner.saveState()).toEqual(whole.learner.saveState())
  })

  it('keeps a saved state apart from what happens later', async () => {
    const going = await start('apart')
    await run(going, 50)
    const saved = going.learner.saveState()
    const copy = throughBytes(saved)
    await run(going, 50)
    expect(saved).toEqual(copy)
  })

  it("refuses another learner's state", async () => {
    const { learner } = await start('refuse')
    expect(() =>
      learner.loadState({ arrays: { values: new Float64Array(1) }, data: { step: 0, rng: [0, 0, 0, 1] } }),
    ).toThrowError(StateError)
  })

  it('learns: values move away from where they started', async () => {
    const going = await start('learns')
    const before = going.learner.saveState()
    await run(going, vectorSteps)
    expect(going.learner.saveState()).not.toEqual(before)
  })
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** Arrays by their bytes, data through JSON: what a checkpoint does. */
function throughBytes(state: LearnerState): LearnerState {
  const arrays = Object.fromEntries(Object.entries(state.arrays).map(([name, array]) => [name, array.slice()]))
  return { arrays, data: throughJson(state.data) }
}
