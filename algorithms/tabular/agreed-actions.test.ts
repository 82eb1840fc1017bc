import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { contextFor, makeLearner } from '../testing/make-learner.js'
import { distributedQ } from './distributed-q.js'
import { loadTabularPolicy } from './load-tabular-policy.js'

/** A learner to whom all actions are worth the same, and which agreed on one in every row of its tables. */
function agreedOn(action: number, value = 0) {
  const env = new VectorEnv(() => new ContraryTeam(), 20, 'agreed')
  const learner = makeLearner(distributedQ, contextFor(env), { exploration: 0, initialValue: value })
  const { arrays, data } = learner.saveState()
  const agreed = (arrays.agreed as Int32Array).slice().fill(action)
  learner.loadState({ arrays: { ...arrays, agreed }, data })
  env.reset()
  return { env, learner }
}

/** What is done by whoever may do the action, in every row. */
function doneOf(env: VectorEnv, action: number, act: (out: Int32Array) => void) {
  const out = new Int32Array(60).fill(-9)
  act(out)
  const { mask } = env.current
  return [...out].filter((_, k) => mask[4 * k + action] === 1)
}

describe('what distributed learners agreed on', () => {
  it.each([
    [1, 0],
    [2, -3],
    [2, 0.1],
    [-1, 0],
  ])('decides between equal actions: %i, of value %f, in acting, in the policy and in its bundle', (action, value) => {
    const { env, learner } = agreedOn(action, value)
    const policy = learner.policy()
    const loaded = loadTabularPolicy(policy.export!(), env.spec)
    const of = action < 0 ? 0 : action
    for (const act of [
      (out: Int32Array) => learner.act(env.current, out),
      (out: Int32Array) => policy.act(env.current, new Rng('unused'), out),
      (out: Int32Array) => loaded.act(env.current, new Rng('unused'), out),
    ]) {
      const done = doneOf(env, of, act)
      expect(done.length).toBeGreaterThan(10)
      expect(new Set(done)).toEqual(new Set([of]))
    }
  })

  it('gives way to a better action', () => {
    const { env, learner } = agreedOn(1)
    const { arrays, data } = learner.saveState()
    const values = (arrays.values as Float64Array).map((_, entry) => (entry % 4 === 0 ? 1 : 0))
    learner.loadState({ arrays: { ...arrays, values }, data })
    const policy = learner.policy()
    for (const act of [
      (out: Int32Array) => learner.act(env.current, out),
      (out: Int32Array) => policy.act(env.current, new Rng('unused'), out),
    ]) {
      expect(new Set(doneOf(env, 0, act))).toEqual(new Set([0]))
    }
  })
})
