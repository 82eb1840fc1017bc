import { describe, expect, it } from 'vitest'
import { hystereticQ } from './hysteretic-q.js'
import { independentQ } from './independent-q.js'
import { lenientQ } from './lenient-q.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep, madeViews } from './testing/made-step.js'
import { forTeams } from './testing/tabular-entries.js'

/** One agent that makes two choices of 2 actions each; its observations are the states. */
const spec = madeSpec([[2, 2]])
const good = madeStep(spec, [{ seen: [2], state: 2, done: [0, 1], reward: [8], ends: 'terminated' }])

describe('what is learned in an observation is done there, and nowhere else', () => {
  it.each(forTeams)('%s', (_, entry) => {
    const learner = madeLearner(entry, spec, { exploration: 0 }, { rows: 4 })
    for (let k = 0; k < 3; k++) learner.update(good)
    const actions = new Int32Array(8).fill(-7)
    const views = [0, 1, 2, 3].map((place) => ({ seen: [place], state: place }))
    learner.act(madeViews(spec, views), actions)
    expect([...actions]).toEqual([0, 0, 0, 0, 0, 1, 0, 0])
  })
})

describe('the first entry of a table moves to the reward and what the best legal action next is worth', () => {
  it.each([
    ['independent-q', independentQ],
    ['hysteretic-q', hystereticQ],
  ])('%s', (_, entry) => {
    const learner = madeLearner(entry, spec)
    learner.update(good)
    learner.update(madeStep(spec, [{ seen: [0], done: [0, 0], reward: [1], next: { seen: [2] } }]))
    const next = { seen: [2], legal: ['01', '11'] }
    learner.update(madeStep(spec, [{ seen: [1], done: [1, 1], reward: [1], elapsed: 2, next }]))
    // Q(2) = [4, 0] and [0, 4]: half of 1 + 4/2, then half of 1 and of 1 + 4/4.
    expect(arrayOf(learner, 'values')).toEqual([1.5, 0, 0, 0.5, 4, 0, 0, 0, 1.5, 0, 0, 1, 0, 4, 0, 0])
    expect(learner.metrics!()['td-error']).toBe((8 + 8 + 3 + 3 + 1 + 2) / 6)
  })
})

it('a learner for one agent moves nothing of the others, temperatures neither', () => {
  const team = madeSpec([2, 2])
  const learner = madeLearner(lenientQ, team, { maxTemperature: 8, decay: 0.5 }, { agents: [1] })
  learner.update(madeStep(team, [{ done: [1, 1], reward: [3, 4], ends: 'terminated' }]))
  expect(arrayOf(learner, 'temperature')).toEqual(new Array(8).fill(8).with(1, 4))
  expect(arrayOf(learner, 'values')).toEqual(new Array(8).fill(0).with(1, 2))
})
