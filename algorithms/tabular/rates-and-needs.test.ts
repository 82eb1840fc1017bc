import { describe, expect, it } from 'vitest'
import { epsilonGreedyValue, expectedSarsa } from './expected-sarsa.js'
import { hystereticQ } from './hysteretic-q.js'
import { hystereticRate } from './independent-learner.js'
import { independentQ } from './independent-q.js'
import { readsNumbers } from './learning-config.js'
import { moveTowards } from './one-step-learner.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'

const spec = madeSpec([2])
const bad = madeStep(spec, [{ done: [1], reward: [-4], ends: 'terminated' }])

it('tables read numbers only', () => {
  expect(readsNumbers()).toEqual({ observation: false, state: false })
})

it('a value moves its share of the way', () => {
  const values = Float64Array.of(5, 2, 5)
  moveTowards(values, 1, 10, 0.25)
  expect([...values]).toEqual([5, 4, 5])
})

describe('the step size of hysteretic Q-learning', () => {
  it('is the lower one for negative errors only', () => {
    expect([-1e-9, 0, 1].map((error) => hystereticRate(error, 0.5, 0.1))).toEqual([0.1, 0.5, 0.5])
    expect(hystereticRate(-1, 0.5, 0.5)).toBe(0.5)
  })

  it('is a factor on the step size, with a schedule of its own', () => {
    const negativeFactor = { kind: 'linear', from: 0.5, to: 1 }
    const learner = madeLearner(hystereticQ, spec, { negativeFactor }, { totalSteps: 2 })
    learner.update(bad)
    expect(arrayOf(learner, 'values')[1]).toBe(0.25 * -4)
    learner.update(bad)
    expect(arrayOf(learner, 'values')[1]).toBe(-1 + 0.375 * -3)
  })

  it('is the same for good and bad news in independent Q-learning', () => {
    const learner = madeLearner(independentQ, spec)
    learner.update(bad)
    expect(arrayOf(learner, 'values')[1]).toBe(-2)
  })
})

describe('the expected value of an epsilon-greedy choice', () => {
  const values = Float64Array.of(9, 9, 4, 8, 3)
  const mask = Uint8Array.of(1, 1, 0, 1)

  it('is a share of the mean of legal actions, and the rest of the best of them', () => {
    // Legal are 4 and 3 of [4, 8, 3]; the mask's row begins at 1.
    expect(epsilonGreedyValue(values, 2, mask, 1, 3, 0.5)).toBe(0.5 * 3.5 + 0.5 * 4)
    expect(epsilonGreedyValue(values, 2, mask, 1, 3, 0)).toBe(4)
    expect(epsilonGreedyValue(values, 2, mask, 1, 3, 1)).toBe(3.5)
  })

  it('is 0 where none is legal', () => {
    expect(epsilonGreedyValue(values, 2, mask, 2, 1, 0.5)).toBe(0)
  })

  it('is taken with the exploration of the step that is learned from', () => {
    const exploration = { kind: 'linear', from: 1, to: 0 }
    const learner = madeLearner(expectedSarsa, spec, { exploration }, { totalSteps: 4 })
    learner.update(madeStep(spec, [{ seen: [1], done: [1], reward: [8], ends: 'terminated' }]))
    learner.update(madeStep(spec, [{ seen: [0], done: [0], reward: [1], next: { seen: [1] } }]))
    // Q(1) = [0, 4] is worth 0.75 * 2 + 0.25 * 4 after a quarter of the steps.
    expect(arrayOf(learner, 'values')[0]).toBe(0.5 * (1 + 0.5 * 2.5))
  })
})
