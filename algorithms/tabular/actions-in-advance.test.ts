import { describe, expect, it } from 'vitest'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { TwoDials } from '#env/testing/two-dials.js'
import { VectorEnv } from '#env/vector-env.js'
import { actionsFor, contextFor, makeLearner } from '../testing/make-learner.js'
import { sarsa } from './sarsa.js'

describe('the action that SARSA chooses in advance', () => {
  it('is then taken, and forgotten where a row begins anew, after a cut-off too', () => {
    const env = new VectorEnv(() => new ContraryTeam(), 5, 'advance')
    const learner = makeLearner(sarsa, contextFor(env), { exploration: 0.5 })
    const actions = actionsFor(env)
    const { after, ended, truncated } = env.transition
    let [taken, cut] = [0, 0]
    env.reset()
    learner.act(env.current, actions)
    for (let t = 0; t < 200; t++) {
      learner.update(env.step(actions))
      const chosen = [...learner.saveState().arrays.next!]
      learner.act(env.current, actions)
      chosen.forEach((next, k) => {
        const over = ended[Math.floor(k / 3)] === 1
        // Who was away at the step learned nothing from it, and chooses when it acts.
        if (over || after.alive[k] === 0) expect(next).toBe(-1)
        else if (next >= 0) {
          expect(actions[k]).toBe(next)
          taken++
        }
        if (over && truncated[Math.floor(k / 3)] === 1) cut++
      })
    }
    expect([taken > 1000, cut > 30]).toEqual([true, true])
  })

  it('is chosen for every choice of agents that make several, in every row that goes on', () => {
    const env = new VectorEnv(() => new TwoDials(), 6, 'dials')
    const learner = makeLearner(sarsa, contextFor(env), { exploration: 0.3, initialValue: 5 })
    const actions = actionsFor(env)
    const { ended } = env.transition
    let going = 0
    env.reset()
    learner.act(env.current, actions)
    for (let t = 0; t < 100; t++) {
      learner.update(env.step(actions))
      const chosen = [...learner.saveState().arrays.next!]
      learner.act(env.current, actions)
      for (let row = 0; row < 6; row++) {
        if (ended[row] === 1) continue
        // The watcher has no second choice.
        for (const c of [4 * row, 4 * row + 1, 4 * row + 2]) {
          expect(chosen[c]).toBeGreaterThanOrEqual(0)
          expect(actions[c]).toBe(chosen[c])
        }
        going++
      }
    }
    expect(going).toBeGreaterThan(100)
  })
})
