import { describe, expect, it } from 'vitest'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { type MadeRow, madeSpec, madeStep } from './testing/made-step.js'
import { forTeams } from './testing/tabular-entries.js'

/** Two agents of 2 actions. */
const spec = madeSpec([2, 2])

describe('what an agent that is away sees isn’t read', () => {
  it.each(forTeams)('%s', (_, entry) => {
    const learner = madeLearner(entry, spec)
    const away: MadeRow = { acts: [0, 1], seen: [-1, 1], done: [0, 1], reward: [0, 2] }
    learner.update(madeStep(spec, [{ ...away, next: { seen: [0, 2] } }]))
    learner.update(madeStep(spec, [{ done: [0, 1], reward: [0, 2], next: { acts: [0, 1], seen: [99, 1] } }]))
    learner.update(madeStep(spec, [away]))
    expect(arrayOf(learner, 'values').some((value) => value > 0)).toBe(true)
  })
})

describe('what stands past the rows that a batch counts isn’t read', () => {
  it.each(forTeams)('%s', (_, entry) => {
    const row: MadeRow = { seen: [1, 2], state: 1, done: [0, 1], reward: [3, 2], next: { seen: [2, 3], state: 2 } }
    const past: MadeRow = {
      seen: [-1, 9],
      state: -1,
      done: [1, 1],
      reward: [50, 50],
      next: { seen: [9, -1], state: 9 },
    }
    const learn = (rows: readonly MadeRow[]) => {
      const learner = madeLearner(entry, spec)
      const step = madeStep(spec, rows)
      learner.update({ ...step, size: 1, before: { ...step.before, size: 1 }, after: { ...step.after, size: 1 } })
      return learner.saveState()
    }
    expect(learn([row, past])).toEqual(learn([row]))
  })
})
