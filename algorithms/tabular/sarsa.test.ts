import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { sarsa } from './sarsa.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'
import { SameRng } from './testing/same-rng.js'

/** An agent with two choices and one with one; four places a row, of which the last is nobody's. */
const spec = madeSpec([[2, 3], 3])
const goesOn = { seen: [0, 1], done: [0, 1, 2, 0], reward: [1, 2], next: { seen: [1, 2] } }

describe('the next action', () => {
  it('is chosen for all choices of the rows that go on, and is taken without another draw', () => {
    const rng = new Rng('next')
    const learner = madeLearner(sarsa, spec, { exploration: 1 }, { rows: 3, rng })
    expect(arrayOf(learner, 'next')).toEqual(new Array(12).fill(-1))
    const step = madeStep(spec, [goesOn, { ...goesOn, ends: 'truncated' }, { ...goesOn, next: { acts: [0, 1] } }])
    learner.update(step)
    const next = arrayOf(learner, 'next')
    // Nobody's place, the row that was cut off, and the agent that is away have none.
    expect(next.map((action) => action >= 0)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      false,
    ])
    const drawn = rng.saveState()
    const actions = new Int32Array(12).fill(-7)
    learner.act({ ...step.after, size: 1 }, actions)
    expect([...actions.subarray(0, 3)]).toEqual(next.slice(0, 3))
    expect(rng.saveState()).toEqual(drawn)
    // Rows without one draw: whether each choice explores, and which action.
    learner.act(step.after, actions)
    expect(actions[10]).toBe(next[10])
    expect(rng.saveState()).not.toEqual(drawn)
  })

  it('is bootstrapped from, be it exploring or greedy', () => {
    const one = madeSpec([2])
    const learn = (exploration: number, drawn: number) => {
      const learner = madeLearner(sarsa, one, { exploration }, { rng: new SameRng(drawn) })
      learner.update(madeStep(one, [{ seen: [1], done: [1], reward: [8], ends: 'terminated' }]))
      learner.update(madeStep(one, [{ seen: [0], done: [0], reward: [1], next: { seen: [1] } }]))
      return { values: arrayOf(learner, 'values').slice(0, 4), next: arrayOf(learner, 'next') }
    }
    // Q(1) = [0, 4]. Below the exploration the draw 0.25 picks action 0; else the greedy one is taken: 1 + 4/2.
    expect(learn(0.5, 0.25)).toEqual({ values: [0.5, 0, 0, 4], next: [0] })
    expect(learn(0.25, 0.25)).toEqual({ values: [1.5, 0, 0, 4], next: [1] })
  })

  it('is chosen with the exploration of the step that is learned from', () => {
    const one = madeSpec([2])
    const exploration = { kind: 'linear', from: 1, to: 0 }
    const learner = madeLearner(sarsa, one, { exploration }, { rng: new SameRng(0.95), totalSteps: 10 })
    learner.update(madeStep(one, [{ seen: [0], done: [0], reward: [0], next: { seen: [1] } }]))
    // 0.95 < 1 explores: of two actions the last.
    expect(arrayOf(learner, 'next')).toEqual([1])
    learner.update(madeStep(one, [{ seen: [1], done: [1], reward: [0], next: { seen: [2] } }]))
    // 0.95 > 0.9 doesn't: the lowest of equal ones.
    expect(arrayOf(learner, 'next')).toEqual([0])
  })
})
