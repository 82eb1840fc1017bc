import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import type { LearnerEntry } from '../learner.js'
import { makeLearner } from '../testing/make-learner.js'
import { madeSpec, madeStep, madeViews } from './testing/made-step.js'
import { SameRng } from './testing/same-rng.js'
import { forTeams } from './testing/tabular-entries.js'

const spec = madeSpec([3])

/** What a learner chooses that has learned that action 1 is best, of 0 and 1 where 2 is illegal. */
function choice(entry: LearnerEntry, exploration: number, drawn: number): number {
  const context = { spec, agents: [0], discount: 0.9, totalSteps: 10, rows: 1, rng: new SameRng(drawn) }
  const learner = makeLearner(entry, context, { exploration, learningRate: 1 })
  learner.update(madeStep(spec, [{ legal: ['110'], done: [1], reward: [1], ends: 'terminated' }]))
  const actions = Int32Array.of(-7)
  learner.act(madeViews(spec, [{ legal: ['110'] }]), actions)
  return actions[0]!
}

describe('a learner explores where the draw lies below the exploration, and nowhere else', () => {
  it.each(forTeams)('%s', (_, entry) => {
    expect(choice(entry, 0, 0)).toBe(1)
    expect(choice(entry, 0.25, 0.25)).toBe(1)
    expect(choice(entry, 0.5, 0.25)).toBe(0)
  })
})

describe('an agent that does not act chooses 0, exploring or not', () => {
  it.each(forTeams)('%s', (_, entry) => {
    for (const exploration of [0, 1]) {
      const context = { spec, agents: [0], discount: 0.9, totalSteps: 10, rows: 2, rng: new Rng('away') }
      const learner = makeLearner(entry, context, { exploration })
      const actions = Int32Array.of(-7, -7)
      // Nobody reads the number of what an agent sees that is away.
      learner.act(
        madeViews(spec, [
          { acts: [0], seen: [-1] },
          { acts: [0], seen: [99] },
        ]),
        actions,
      )
      expect([...actions]).toEqual([0, 0])
    }
  })
})

describe('an observation without a number is refused where a value of it is needed', () => {
  const message =
    /^made: agent "a0" sees observation (-1|4), expected observationId in 0..3; check the environment's numbering$/
  const ofStates = /^made: it is in state (-1|4), expected stateId in 0..3; check the environment's numbering$/

  it.each(forTeams)('%s', (name, entry) => {
    const context = { spec, agents: [0], discount: 0.9, totalSteps: 10, rows: 1, rng: new Rng('number') }
    const learner = () => makeLearner(entry, context, { exploration: 0 })
    const expected = name === 'joint-action-q' ? ofStates : message
    for (const number of [-1, 4]) {
      const view = { seen: [number], state: number }
      expect(() => learner().act(madeViews(spec, [view]), new Int32Array(1))).toThrowError(expected)
      const follows = madeStep(spec, [{ done: [0], reward: [1], next: view }])
      expect(() => learner().update(follows)).toThrowError(expected)
      const over = madeStep(spec, [{ done: [0], reward: [1], next: view, ends: 'terminated' }])
      expect(() => learner().update(over)).not.toThrow()
      if (name === 'joint-action-q') continue
      const seen = madeStep(spec, [{ ...view, done: [0], reward: [1], next: { seen: [0] } }])
      expect(() => learner().update(seen)).toThrowError(expected)
    }
  })
})
