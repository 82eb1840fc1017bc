import { describe, expect, it } from 'vitest'
import { nStepQ } from './n-step-q.js'
import { qLambda } from './q-lambda.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { type MadeRow, madeSpec, madeStep } from './testing/made-step.js'

/** One agent, 2 actions, 4 observations; discount, step size and lambda 0.5. */
const spec = madeSpec([2])
const walk: readonly MadeRow[] = [
  { seen: [0], done: [0], reward: [4], next: { seen: [1] } },
  { seen: [1], done: [0], reward: [8], next: { seen: [2] } },
  { seen: [2], done: [1], reward: [16], next: { seen: [0] } },
]

function traced(settings: object, steps: readonly MadeRow[]) {
  const learner = madeLearner(qLambda, spec, { lambda: 0.5, ...settings })
  for (const row of steps) learner.update(madeStep(spec, [row]))
  const [length] = arrayOf(learner, 'length')
  const [values, entry, trace] = ['values', 'entry', 'trace'].map((name) => arrayOf(learner, name))
  return { values, entry: entry!.slice(0, length), trace: trace!.slice(0, length) }
}

describe('a trace', () => {
  it('moves an entry that is met again to its end, and keeps the others in order', () => {
    const { values, entry, trace } = traced({}, [...walk, { seen: [0], done: [0], reward: [8], ends: 'terminated' }])
    expect(entry).toEqual([2, 5, 0])
    expect(trace).toEqual([1 / 16, 1 / 4, 1])
    // From 3.546875, 6.1875 and 8.75: half of the error 4.453125, shared.
    expect(values).toEqual([5.7734375, 0, 6.32666015625, 0, 0, 9.306640625, 0, 0])
  })

  it('accumulates what its newest entry had, met again at once', () => {
    const { values, trace } = traced({ traces: 'accumulating' }, [
      walk[0]!,
      { ...walk[1]!, next: { seen: [1], legal: ['01'] } },
      { ...walk[1]!, ends: 'terminated' },
    ])
    expect(trace).toEqual([1 / 16, 1 + 1 / 4])
    expect(values!.slice(0, 4)).toEqual([3 + 2 / 16, 0, 4 + 2 * 1.25, 0])
  })

  it('drops what is next to nothing from its beginning', () => {
    const { entry, trace } = traced({ lambda: 2e-10 }, walk)
    expect(entry).toEqual([2, 5])
    expect(trace).toEqual([1e-10, 1])
  })
})

it('what was legal slides along with the steps that are remembered', () => {
  const learner = madeLearner(nStepQ, spec, { n: 3, exploring: 'follow' })
  const masks = ['01', '11', '11', '01']
  masks.forEach((legal, k) => {
    learner.update(
      madeStep(spec, [{ seen: [k], done: [1], reward: [1], next: { seen: [(k + 1) % 4], legal: [legal] } }]),
    )
  })
  expect(arrayOf(learner, 'length')).toEqual([2])
  expect(arrayOf(learner, 'nextMask').slice(0, 4)).toEqual([1, 1, 0, 1])
})
