import { expect, it } from 'vitest'
import type { Env } from '#env/env.js'
import { StateError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Learner, LearnerEntry, LearnerState } from '../learner.js'

const ROWS = 4
const VECTOR_STEPS = 500

/**
 * What every learner promises, checked in the environment given: `describe('x', () => learnerConformance(x, make))`.
 * @param settings - of the learner; those with little exploration make the greedy branch run too
 */
export function learnerConformance(
  entry: LearnerEntry,
  make: () => Env,
  settings: object = { exploration: 0.3 },
): void {
  const config = entry.schema.parse(settings)
  const start = (seed: string) => {
    // What it doesn't ask for it can't have read.
    const env = new VectorEnv(make, ROWS, `${seed}/env`, { actionReward: entry.asksActionRewards?.(config) ?? false })
    const rng = new Rng(`${seed}/learner`)
    const context = { spec: env.spec, discount: 0.9, totalSteps: ROWS * VECTOR_STEPS, rows: ROWS, rng }
    const learner = entry.create(context, config)
    env.reset()
    return { env, learner, actions: new Int32Array(ROWS * env.layout.agents) }
  }
  const run = ({ env, learner, actions }: ReturnType<typeof start>, steps: number) => {
    const trace: number[] = []
    for (let k = 0; k < steps; k++) {
      learner.act(env, actions)
      trace.push(...actions)
      env.step(actions)
      learner.update(env, actions)
    }
    return trace
  }

  it('chooses only legal actions, exploring and greedy', () => {
    const { env, learner, actions } = start('legal')
    const { agents, numActions } = env.layout
    const greedy = new Int32Array(actions.length)
    const illegal = (chosen: Int32Array) => [...chosen].some((a, k) => env.mask[k * numActions + a] !== 1)
    for (let k = 0; k < VECTOR_STEPS; k++) {
      learner.policy().act(env, new Rng('unused'), greedy)
      learner.act(env, actions)
      expect([illegal(greedy), illegal(actions)]).toEqual([false, false])
      expect(actions.length).toBe(ROWS * agents)
      env.step(actions)
      learner.update(env, actions)
    }
  })

  it('does the same from the same seed, and something else from another', () => {
    const first = run(start('seed'), VECTOR_STEPS)
    expect(run(start('seed'), VECTOR_STEPS)).toEqual(first)
    expect(run(start('another'), VECTOR_STEPS)).not.toEqual(first)
  })

  it('goes on from a saved state as if it had never stopped', () => {
    const whole = start('resume')
    run(whole, VECTOR_STEPS)
    const before = start('resume')
    run(before, 200)
    const after = start('elsewhere')
    after.env.loadState(throughJson(before.env.saveState()))
    after.learner.loadState(throughBytes(before.learner.saveState()))
    run(after, VECTOR_STEPS - 200)
    expect(stateOf(after.learner)).toEqual(stateOf(whole.learner))
  })

  it('keeps a saved state apart from what happens later', () => {
    const going = start('apart')
    run(going, 50)
    const saved = going.learner.saveState()
    const copy = throughBytes(saved)
    run(going, 50)
    expect(saved).toEqual(copy)
  })

  it("refuses another learner's state", () => {
    const { learner } = start('refuse')
    expect(() =>
      learner.loadState({ arrays: { values: new Float64Array(1) }, data: { step: 0, rng: [0, 0, 0, 1] } }),
    ).toThrowError(StateError)
  })

  it('learns: values move away from where they started', () => {
    const going = start('learns')
    const before = stateOf(going.learner)
    run(going, VECTOR_STEPS)
    expect(stateOf(going.learner)).not.toEqual(before)
  })
}

function stateOf(learner: Learner): LearnerState {
  return learner.saveState()
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** Arrays by their bytes, data through JSON: what a checkpoint does. */
function throughBytes(state: LearnerState): LearnerState {
  const arrays = Object.fromEntries(Object.entries(state.arrays).map(([name, array]) => [name, array.slice()]))
  return { arrays, data: throughJson(state.data) }
}
