import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import type { Learner, LearnerEntry } from '../learner.js'
import { makeLearner } from '../testing/make-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'
import { forTeams } from './testing/tabular-entries.js'

/** One agent, 2 actions, 4 observations that are the states too. */
const spec = madeSpec([2])

function made(entry: LearnerEntry, settings: object, totalSteps = 10): Learner {
  const context = { spec, agents: [0], discount: 0.5, totalSteps, rows: 2, rng: new Rng('numbers') }
  return makeLearner(entry, context, settings)
}

/** The ends of two episodes, both after action 1: in observation 0 it earned 3, in observation 2 nothing. */
const ends = madeStep(spec, [
  { seen: [0], state: 0, done: [1], reward: [3], ends: 'terminated' },
  { seen: [2], state: 2, done: [1], reward: [0], ends: 'terminated' },
])

/** Settings by which learners that mistrust bad news believe it as they do good. */
const believing: { readonly [name: string]: object } = {
  'hysteretic-q': { negativeFactor: 1 },
  'lenient-q': { maxTemperature: 0 },
}

describe('what a learner tells about learning', () => {
  it.each(forTeams)('%s: mean size of the errors, range of values, exploration and step size', (_, entry) => {
    const learner = made(entry, {
      learningRate: { kind: 'linear', from: 1, to: 0.5 },
      exploration: { kind: 'linear', from: 0.8, to: 0.4, until: 0.5 },
      initialValue: 1,
      ...believing[entry.name],
    })
    expect(learner.metrics!()).toEqual({ 'q-min': 1, 'q-max': 1, epsilon: 0.8, 'learning-rate': 1 })
    learner.update(ends)
    // Errors 2 and -1, moved the whole way; distributed Q moves for good news only; double Q shows the mean of two tables.
    const range = { 'double-q': [0.5, 2], 'distributed-q': [1, 3] }[entry.name] ?? [0, 3]
    const { epsilon, 'learning-rate': rate, ...told } = learner.metrics!()
    expect(told).toEqual({ 'td-error': 1.5, 'q-min': range[0], 'q-max': range[1] })
    expect(epsilon).toBeCloseTo(0.8 - 0.4 * (2 / 5), 12)
    expect(rate).toBeCloseTo(1 - 0.5 * (2 / 10), 12)
    expect(learner.metrics!()).not.toHaveProperty('td-error')
    learner.update(ends)
    learner.update(ends)
    expect(learner.metrics!()).toHaveProperty('td-error')
    expect(learner.metrics!()['learning-rate']).toBeCloseTo(0.7, 12)
    expect(learner.saveState().data.step).toBe(6)
  })

  it.each(forTeams)('%s: the sum of errors and their number are part of its state', (_, entry) => {
    const learner = made(entry, { learningRate: 0.5, initialValue: 1 })
    learner.update(ends)
    expect([...learner.saveState().arrays.errors!]).toEqual([3, 2])
    learner.update(ends)
    expect(learner.saveState().arrays.errors![1]).toBe(4)
    learner.metrics!()
    expect([...learner.saveState().arrays.errors!]).toEqual([0, 0])
  })
})

describe('agents that do not act learn nothing', () => {
  it.each(forTeams.filter(([name]) => name !== 'joint-action-q'))('%s', (_, entry) => {
    const learner = made(entry, { learningRate: 1 })
    const away = { seen: [0], acts: [0], done: [0], reward: [5] }
    learner.update(madeStep(spec, [away, away]))
    expect([...learner.saveState().arrays.values!]).toEqual(new Array(8).fill(0))
    // A team's value goes on without them: its error counts, of a sum over nobody.
    const told = entry.name === 'decomposed-q' ? [10, 2] : [0, 0]
    expect([...learner.saveState().arrays.errors!]).toEqual(told)
  })
})
