import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { actionsFor, contextFor, makeLearner } from '../testing/make-learner.js'
import { jointActionQ } from './joint-action-q.js'
import { perAgent } from './testing/tabular-entries.js'

const ROWS = 2
const STEPS = 200
/** Entries of the table of the visitor, [4, 4]; anchor and worker would have [8, 4] and [24, 4]. */
const OWN_ENTRIES = 16

describe('a learner for part of a team acts and learns for its own agents only', () => {
  it.each(perAgent)('%s', (_, entry) => {
    const env = new VectorEnv(() => new ContraryTeam(), ROWS, 'own')
    const context = contextFor(env, { agents: [1], totalSteps: ROWS * STEPS })
    const learner = makeLearner(entry, context, { exploration: 0.5, initialValue: 7 })
    const actions = actionsFor(env)
    env.reset()
    for (let k = 0; k < STEPS; k++) {
      actions.fill(-7)
      learner.act(env.current, actions)
      expect([0, 2, 3, 5].map((c) => actions[c])).toEqual([-7, -7, -7, -7])
      expect([1, 4].every((c) => actions[c]! >= 0 && actions[c]! < 3)).toBe(true)
      // Everybody else does what is legal at each place.
      for (const c of [0, 2, 3, 5]) actions[c] = env.current.mask.subarray(c * 4, c * 4 + 4).indexOf(1)
      learner.update(env.step(actions))
    }
    const values = learner.saveState().arrays.values as Float64Array
    // The others have no table that could move.
    expect(values).toHaveLength(OWN_ENTRIES)
    expect(values.some((value) => value !== 7)).toBe(true)
  })

  it('joint-action-q, on the joint actions of its own agents', () => {
    const env = new VectorEnv(() => new ContraryTeam(), ROWS, 'own')
    const context = contextFor(env, { agents: [0, 2], totalSteps: ROWS * STEPS })
    const learner = makeLearner(jointActionQ, context, { exploration: 0.5 })
    const actions = actionsFor(env)
    const greedy = actionsFor(env)
    env.reset()
    for (let k = 0; k < STEPS; k++) {
      actions.fill(-7)
      greedy.fill(-7)
      learner.act(env.current, actions)
      learner.policy().act(env.current, new Rng('unused'), greedy)
      for (const chosen of [actions, greedy]) expect([chosen[1], chosen[4]]).toEqual([-7, -7])
      for (const c of [1, 4]) actions[c] = env.current.mask.subarray(c * 4, c * 4 + 4).indexOf(1)
      learner.update(env.step(actions))
    }
    expect(learner.saveState().arrays.values).toHaveLength(24 * 2 * 4)
    expect(learner.policy().export!()).toMatchObject({
      kind: 'tabular',
      details: { tables: 'joint', agents: [0, 2] },
      tensors: { q: { shape: [24, 8] } },
    })
  })
})
