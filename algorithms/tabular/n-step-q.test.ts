import { describe, expect, it } from 'vitest'
import { nStepQ } from './n-step-q.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { type MadeRow, madeSpec, madeStep } from './testing/made-step.js'

/** One agent, 2 actions, 4 observations; discount 0.5, step size 0.5. */
const spec = madeSpec([2])

function learn(settings: object, steps: readonly MadeRow[]) {
  const learner = madeLearner(nStepQ, spec, { n: 2, ...settings })
  const lengths = steps.map((row) => {
    learner.update(madeStep(spec, [row]))
    return learner.saveState().arrays.length![0]
  })
  return { values: arrayOf(learner, 'values'), lengths, metrics: learner.metrics!() }
}

/** Q(1, 1) is 2 from the first; then a way through all observations, of which the third action is exploring. */
const walk: readonly MadeRow[] = [
  { seen: [1], done: [1], reward: [4], ends: 'terminated' },
  { seen: [0], done: [0], reward: [1], next: { seen: [1] } },
  { seen: [1], done: [1], reward: [6], next: { seen: [2] } },
  { seen: [2], done: [1], reward: [8], next: { seen: [3] } },
  { seen: [3], done: [0], reward: [2], ends: 'terminated' },
]

describe('targets of two steps', () => {
  it('reach over greedy actions, and stop at an exploring one', () => {
    const { values, lengths, metrics } = learn({}, walk)
    // G = 1 + 6/2, then 6 + max Q(2)/2 = 6 from 2, and at the end 8 + 2/2 and 2.
    expect(values).toEqual([2, 0, 0, 4, 0, 4.5, 1, 0])
    expect(lengths).toEqual([0, 1, 1, 1, 0])
    expect(metrics['td-error']).toBe((4 + 4 + 4 + 9 + 2) / 5)
  })

  it('reach over exploring actions where told to follow', () => {
    // The second is 6 + 8/2 from 2.
    expect(learn({ exploring: 'follow' }, walk).values).toEqual([2, 0, 0, 6, 0, 4.5, 1, 0])
  })

  it('count what a step took, and what is legal next', () => {
    const { values } = learn({}, [
      { seen: [1], done: [1], reward: [8], ends: 'terminated' },
      { seen: [1], done: [0], reward: [4], ends: 'terminated' },
      // Where only action 0 is legal it is worth 2, over two units of time a quarter; 4 otherwise.
      { seen: [0], done: [0], reward: [1], elapsed: 2, next: { seen: [1], legal: ['10'] }, ends: 'truncated' },
      { seen: [0], done: [1], reward: [1], next: { seen: [1] }, ends: 'truncated' },
    ])
    expect(values.slice(0, 4)).toEqual([0.5 * (1 + 2 / 4), 0.5 * (1 + 4 / 2), 2, 4])
  })

  it('end where the agent leaves: all that is known is learned from', () => {
    const { values, lengths } = learn({ n: 3 }, [
      { seen: [0], done: [0], reward: [1], next: { seen: [1] } },
      { seen: [1], done: [0], reward: [2], next: { seen: [-1], acts: [0] } },
      { seen: [-1], acts: [0], done: [0], reward: [100], next: { seen: [2] } },
      { seen: [2], done: [0], reward: [4], next: { seen: [3] } },
    ])
    expect(lengths).toEqual([1, 0, 0, 1])
    expect(values).toEqual([0.5 * (1 + 2 / 2), 0, 1, 0, 0, 0, 0, 0])
  })

  it('slide along a longer way, the oldest step first', () => {
    const settings = { n: 3, exploring: 'follow' }
    const learner = madeLearner(nStepQ, spec, settings)
    const steps: readonly MadeRow[] = [0, 1, 2, 3, 0].map((seen, k) => ({
      seen: [seen],
      done: [1],
      reward: [2 ** (k + 2)],
      legal: ['11'],
      next: { seen: [(seen + 1) % 4], legal: [k % 2 === 0 ? '01' : '11'] },
    }))
    for (const row of steps.slice(0, 4)) learner.update(madeStep(spec, [row]))
    // 4 + 8/2 + 16/4, then 8 + 16/2 + 32/4 + 6/8, with Q(0, 1) = 6 behind the last.
    expect(arrayOf(learner, 'values')).toEqual([0, 6, 0, 12.375, 0, 0, 0, 0])
    expect(arrayOf(learner, 'length')).toEqual([2])
    expect(arrayOf(learner, 'entry').slice(0, 2)).toEqual([5, 7])
    expect(arrayOf(learner, 'reward').slice(0, 2)).toEqual([16, 32])
    expect(arrayOf(learner, 'weight').slice(0, 2)).toEqual([0.5, 0.5])
    expect(arrayOf(learner, 'nextRow').slice(0, 2)).toEqual([6, 0])
    expect(arrayOf(learner, 'nextMask').slice(0, 4)).toEqual([0, 1, 1, 1])
    learner.update(madeStep(spec, [steps[4]!]))
    // 16 + 32/2 + 64/4 + max Q(1)/8, where only action 1 is legal.
    expect(arrayOf(learner, 'values')[5]).toBe(0.5 * (48 + 12.375 / 8))
  })

  it('are kept apart for two rows and for two choices', () => {
    const two = madeSpec([[2, 2]])
    const learner = madeLearner(nStepQ, two, { n: 2 }, { rows: 2 })
    learner.update(
      madeStep(two, [
        { seen: [0], done: [0, 1], reward: [1], next: { seen: [1] } },
        { seen: [1], done: [1, 0], reward: [2], ends: 'terminated' },
      ]),
    )
    expect(arrayOf(learner, 'length')).toEqual([1, 1, 0, 0])
    learner.update(
      madeStep(two, [
        { seen: [1], done: [1, 0], reward: [4], ends: 'terminated' },
        { seen: [2], done: [1, 1], reward: [8], next: { seen: [0] } },
      ]),
    )
    expect(arrayOf(learner, 'length')).toEqual([0, 0, 1, 1])
    // First dial: Q(1, 1) = 1 then 2.5, Q(0, 0) = (1 + 4/2)/2. Second: Q(1, 0) the same, Q(0, 1) the same.
    expect(arrayOf(learner, 'values')).toEqual([1.5, 0, 0, 2.5, 0, 0, 0, 0, 0, 1.5, 2.5, 0, 0, 0, 0, 0])
  })
})
