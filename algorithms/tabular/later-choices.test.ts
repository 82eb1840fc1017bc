import { describe, expect, it } from 'vitest'
import { distributedQ } from './distributed-q.js'
import { lenientQ } from './lenient-q.js'
import { sarsa } from './sarsa.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { type MadeRow, madeSpec, madeStep } from './testing/made-step.js'

const over = { ends: 'terminated' } as const
/** One agent that makes two choices of 2 actions each. */
const two = madeSpec([[2, 2]])

describe('in a later row, and for a later choice', () => {
  it('SARSA bootstraps from the greedy action of that choice', () => {
    const learner = madeLearner(sarsa, two, { exploration: 0 }, { rows: 2 })
    const good: MadeRow = { seen: [1], done: [0, 1], reward: [4], ...over }
    learner.update(madeStep(two, [good, good]))
    learner.update(
      madeStep(two, [
        { seen: [2], done: [0, 0], reward: [0], next: { seen: [1] } },
        { seen: [3], done: [0, 0], reward: [0], next: { seen: [1] } },
      ]),
    )
    // Q(1) = [3, 0] and [0, 3]; each row moves half of the way to 3/2.
    expect(arrayOf(learner, 'next')).toEqual([0, 1, 0, 1])
    expect(arrayOf(learner, 'values')).toEqual([0, 0, 3, 0, 0.75, 0, 0.75, 0, 0, 0, 0, 3, 0.75, 0, 0.75, 0])
  })

  it('lenient Q warms by what follows there', () => {
    const settings = { maxTemperature: 8, decay: 0.5, diffusion: 0.25 }
    const learner = madeLearner(lenientQ, two, settings, { rows: 2 })
    learner.update(
      madeStep(two, [
        { seen: [0], done: [0, 1], reward: [1], ...over },
        { seen: [1], done: [1, 0], reward: [1], next: { seen: [0] } },
      ]),
    )
    expect(arrayOf(learner, 'temperature')).toEqual([4, 8, 8, 4, 8, 8, 8, 8, 8, 4, 4, 8, 8, 8, 8, 8])
    learner.update(
      madeStep(two, [
        { seen: [2], done: [0, 0], reward: [1], next: { seen: [0] } },
        { seen: [3], done: [0, 1], reward: [1], next: { seen: [1], legal: ['01', '11'] } },
      ]),
    )
    // The means that follow are 6 and 6, then 4 and 6.
    expect(arrayOf(learner, 'temperature')).toEqual([4, 8, 8, 4, 3.75, 8, 3.5, 8, 8, 4, 4, 8, 3.75, 8, 8, 3.75])
  })

  it('distributed Q agrees on what raised the best value that is legal there', () => {
    const spec = madeSpec([3])
    const settings = { learningRate: 1, initialValue: -5 }
    const agreedBy = (...rows: readonly MadeRow[]) => {
      const learner = madeLearner(distributedQ, spec, settings, { rows: 2 })
      for (const row of rows) {
        learner.update(
          madeStep(spec, [
            { acts: [0], done: [0], reward: [0] },
            { seen: [1], ...over, ...row },
          ]),
        )
      }
      return arrayOf(learner, 'agreed')
    }
    expect(agreedBy({ done: [2], reward: [-1] })).toEqual([-1, 2, -1, -1])
    // Up to -3, which isn't the best: that is -1.
    expect(agreedBy({ done: [2], reward: [-1] }, { done: [0], reward: [-3] })).toEqual([-1, 2, -1, -1])
    expect(agreedBy({ done: [2], reward: [-1] }, { done: [0], reward: [-3], legal: ['110'] })).toEqual([-1, 0, -1, -1])
  })
})
