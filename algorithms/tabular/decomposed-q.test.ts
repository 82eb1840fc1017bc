import { describe, expect, it } from 'vitest'
import { decomposedQ } from './decomposed-q.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'

/** Two agents of 2 actions, 4 observations each; discount and step size 0.5. */
const spec = madeSpec([2, 2])
const over = { ends: 'terminated' } as const

describe('one value of the team', () => {
  it('is a sum: all parts share its error', () => {
    const learner = madeLearner(decomposedQ, spec, { initialValue: 1 })
    learner.update(madeStep(spec, [{ seen: [0, 2], done: [1, 0], reward: [3, 5], ...over }]))
    // 8 from 1 + 1: both rise by 3.
    expect(arrayOf(learner, 'values')).toEqual([1, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 1, 1, 1])
    learner.update(madeStep(spec, [{ seen: [1, 0], done: [0, 1], reward: [1, 1], next: { seen: [0, 2] } }]))
    // 2 + (4 + 4)/2 from 2: both rise by 2.
    expect(arrayOf(learner, 'values')).toEqual([1, 4, 3, 1, 1, 1, 1, 1, 1, 3, 1, 1, 4, 1, 1, 1])
    expect(learner.metrics!()['td-error']).toBe((6 + 4) / 2)
  })

  it('is that of those who act, before and afterwards, among what is legal', () => {
    const learner = madeLearner(decomposedQ, spec)
    learner.update(madeStep(spec, [{ seen: [1, 1], done: [1, 1], reward: [4, 4], ...over }]))
    const before = arrayOf(learner, 'values')
    expect(before).toEqual([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0])
    // The first is away: 6 - 0 is shared by the second alone; afterwards the second is away.
    learner.update(
      madeStep(spec, [{ acts: [0, 1], done: [0, 0], reward: [2, 2], next: { seen: [1, 1], acts: [1, 0] } }]),
    )
    expect(arrayOf(learner, 'values')).toEqual(before.with(8, 3))
    learner.update(
      madeStep(spec, [{ seen: [2, 2], done: [0, 0], reward: [1, 0], next: { seen: [1, 1], legal: ['10', '11'] } }]),
    )
    expect(arrayOf(learner, 'values')).toEqual(before.with(8, 3).with(4, 1.5).with(12, 1.5))
  })

  it('has targets of the values before the step, and errors as the sum stands then', () => {
    const learner = madeLearner(decomposedQ, spec, {}, { rows: 2 })
    learner.update(
      madeStep(spec, [
        { seen: [0, 0], done: [0, 0], reward: [4, 0], ...over },
        { seen: [0, 1], done: [0, 1], reward: [1, 2], next: { seen: [0, 0] } },
      ]),
    )
    // 4 from 0: both of row 0 rise by 2. Then 3, of the old values, from 2 + 0: both of row 1 rise by 1/2.
    expect(arrayOf(learner, 'values')).toEqual([2.5, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0.5, 0, 0, 0, 0])
    expect(learner.metrics!()['td-error']).toBe((4 + 1) / 2)
  })

  it('counts the rewards of its own agents', () => {
    const learner = madeLearner(decomposedQ, spec, {}, { agents: [1] })
    learner.update(madeStep(spec, [{ done: [0, 0], reward: [9, 4], ...over }]))
    expect(arrayOf(learner, 'values').filter((value) => value !== 0)).toEqual([2])
  })
})
