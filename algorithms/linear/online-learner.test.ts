import { describe, expect, it } from 'vitest'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { LearnerContext } from '../learner.js'
import type { Exploration } from './linear-learner.js'
import { type LinearEstimator, OnlineLearner } from './online-learner.js'
import { act, contextOf, greedy } from './testing/given-weights.js'
import { pair, pairFeatures, pairWeights, seen } from './testing/pair.js'
import { type StepByHand, stepByHand } from './testing/step-by-hand.js'

/** What was learned: the agent, what it saw (column and value), the action, the target. */
type Told = [agent: string, x: [number, number][], action: number, target: number]

/** A learner whose estimators only note what they are told, and say an error of the target's size. */
function noting(
  more: Partial<LearnerContext> = {},
  exploration: Exploration = greedy,
  extra: Partial<LinearEstimator> = {},
) {
  const told: Told[] = []
  const made: [columns: number, actions: number][] = []
  const learner = new OnlineLearner(contextOf(more), exploration, ({ columns }, actions) => {
    // One of each of its own agents, in their order.
    const number = (more.agents ?? [0, 1])[made.length]!
    const agent = pair.agents[number]!.name
    const weights = pairWeights()[number]!
    made.push([columns, actions])
    return {
      weights,
      arrays: { weights, [`of-${agent}`]: new Int32Array(1) },
      update: (x: SparseMatrix, action: number, target: number) => {
        const entries = Array.from({ length: x.rowStart[1]! }, (_, k): [number, number] => [x.index[k]!, x.value[k]!])
        told.push([agent, entries, action, target])
        // Whatever is learned from one row changes no target of the next.
        weights.fill(0)
        return -target
      },
      ...extra,
    }
  })
  return { learner, told, made }
}
const step = (given: StepByHand) => stepByHand(pair, 2, { before: seen, actions: [0, 1, 2, 0], ...given }, pairFeatures)
/** What each agent sees in each row of `seen`. */
const saw: [number, number][][] = [
  [[0, 1]],
  [[0, 1]],
  [
    [1, 2],
    [2, 0.25],
  ],
  [[0, 3]],
]

describe('a learner that learns from each step once', () => {
  it('moves the action taken of each agent in each row, to targets of the values before the step', () => {
    const { learner, told, made } = noting()
    expect(made).toEqual([
      [4, 3],
      [1, 2],
    ])
    learner.update(step({ reward: [1, 2, 3, 4], after: seen }))
    // The best values of what follows are 1, 3; 3, 3, at discount 0.5.
    expect(told).toEqual([
      ['reader', saw[0], 0, 1.5],
      ['looker', saw[1], 1, 3.5],
      ['reader', saw[2], 2, 4.5],
      ['looker', saw[3], 0, 5.5],
    ])
    expect(learner.metrics()['td-error']).toBe((1.5 + 3.5 + 4.5 + 5.5) / 4)
  })

  it('learns from agents that were there, of its own agents only', () => {
    const alive = [1, 0, 0, 1]
    const { learner, told } = noting()
    learner.update(step({ before: { ...seen, alive }, reward: [1, 2, 3, 4], terminated: [1, 1] }))
    expect(told).toEqual([
      ['reader', saw[0], 0, 1],
      ['looker', saw[3], 0, 4],
    ])
    const second = noting({ agents: [1] })
    second.learner.update(step({ reward: [1, 2, 3, 4], terminated: [1, 1] }))
    expect(second.told).toEqual([
      ['looker', saw[1], 1, 2],
      ['looker', saw[3], 0, 4],
    ])
  })

  it('learns what other actions would have earned, where that is known, as an end', () => {
    const no = Number.NaN
    const { learner, told } = noting()
    // Of three places an agent; the looker has two actions.
    const actionReward = [9, 10, 20, 30, 9, 99, no, 50, 9, no, 60, 99]
    learner.update(step({ reward: [1, 2, 3, 4], terminated: [1, 1], actionReward }))
    expect(told).toEqual([
      ['reader', saw[0], 0, 1],
      ['reader', saw[0], 1, 10],
      ['reader', saw[0], 2, 20],
      ['looker', saw[1], 1, 2],
      ['looker', saw[1], 0, 30],
      ['reader', saw[2], 2, 3],
      ['reader', saw[2], 1, 50],
      ['looker', saw[3], 0, 4],
      ['looker', saw[3], 1, 60],
    ])
    // Errors of the actions taken only.
    expect(learner.metrics()['td-error']).toBe(2.5)
  })

  it('keeps the arrays of each agent', () => {
    expect(Object.keys(noting().learner.saveState().arrays)).toEqual([
      '0/weights',
      '0/of-reader',
      '1/weights',
      '1/of-looker',
      'errors',
    ])
  })

  it('is as unsure as its estimators say, or not at all', () => {
    const bound: Exploration = { rule: 'bound', amount: 1 }
    // Values: (1, 0, 0.5), (1, 3); (0, 2, 3), (3, 1).
    expect(act(noting({}, bound).learner)).toEqual([0, 1, 2, 0])
    const variance = (_: SparseMatrix, action: number) => (action === 1 ? 100 : 0)
    expect(act(noting({}, bound, { variance }).learner)).toEqual([1, 1, 1, 1])
  })
})
