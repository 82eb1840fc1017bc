import { describe, expect, it } from 'vitest'
import { qLambda } from './q-lambda.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { type MadeRow, madeSpec, madeStep } from './testing/made-step.js'

/** One agent, 2 actions, 4 observations; discount, step size and lambda 0.5. */
const spec = madeSpec([2])

function learn(settings: object, steps: readonly MadeRow[]) {
  const learner = madeLearner(qLambda, spec, { lambda: 0.5, ...settings })
  const lengths = steps.map((row) => {
    learner.update(madeStep(spec, [row]))
    return learner.saveState().arrays.length![0]
  })
  return { learner, values: arrayOf(learner, 'values'), lengths }
}

const walk: readonly MadeRow[] = [
  { seen: [0], done: [0], reward: [4], next: { seen: [1] } },
  { seen: [1], done: [0], reward: [8], next: { seen: [2] } },
  { seen: [2], done: [1], reward: [16], next: { seen: [0] } },
  { seen: [0], done: [1], reward: [2], ends: 'terminated' },
]

describe('an error', () => {
  it('reaches back along greedy actions, a quarter as far with every step', () => {
    const { learner, values, lengths } = learn({}, walk.slice(0, 3))
    // Targets 4, 8 and 16 + 3/2; each moves its own entry half way.
    expect(values).toEqual([2 + 8 / 8 + 17.5 / 32, 0, 4 + 17.5 / 8, 0, 0, 8.75, 0, 0])
    expect(lengths).toEqual([1, 2, 3])
    expect(arrayOf(learner, 'entry').slice(0, 3)).toEqual([0, 2, 5])
    expect(arrayOf(learner, 'trace').slice(0, 3)).toEqual([1 / 16, 1 / 4, 1])
    expect(arrayOf(learner, 'decay')).toEqual([0.25])
    expect(learner.metrics!()['td-error']).toBe((4 + 8 + 17.5) / 3)
  })

  it('of an exploring action reaches nobody else', () => {
    const before = learn({}, walk.slice(0, 3)).values
    const { values, lengths } = learn({}, walk)
    expect(values).toEqual(before.with(1, 1))
    expect(lengths).toEqual([1, 2, 3, 1])
  })

  it('reaches as far as the longest trace, and the oldest entry is forgotten', () => {
    const { learner, values, lengths } = learn({ longest: 2 }, walk.slice(0, 3))
    expect(values).toEqual([2 + 8 / 8, 0, 4 + 17.5 / 8, 0, 0, 8.75, 0, 0])
    expect(lengths).toEqual([1, 2, 2])
    expect(arrayOf(learner, 'entry')).toEqual([2, 5])
    expect(arrayOf(learner, 'trace')).toEqual([1 / 4, 1])
  })

  it('reaches no further than the episode, ended by its rules or cut off', () => {
    for (const ends of ['terminated', 'truncated'] as const) {
      const { values, lengths } = learn({}, [
        { ...walk[0]!, ends },
        { seen: [1], done: [0], reward: [8], ends },
      ])
      // A cut-off bootstraps from Q(1), which is 0 at first, and then is 4.
      expect(values.slice(0, 4)).toEqual([2, 0, 4, 0])
      expect(lengths).toEqual([1, 1])
    }
  })

  it('reaches no further than a time when the agent was away', () => {
    const { values } = learn({}, [
      { seen: [0], done: [0], reward: [4], next: { seen: [-1], acts: [0] } },
      { seen: [-1], acts: [0], done: [0], reward: [100], next: { seen: [1] } },
      { seen: [1], done: [0], reward: [8], next: { seen: [2] } },
    ])
    expect(values).toEqual([2, 0, 4, 0, 0, 0, 0, 0])
  })

  it('bootstraps from what is legal next', () => {
    const { values } = learn({}, [
      { seen: [1], done: [1], reward: [8], ends: 'terminated' },
      { seen: [0], done: [0], reward: [1], next: { seen: [1], legal: ['10'] } },
    ])
    expect(values.slice(0, 4)).toEqual([0.5, 0, 0, 4])
  })
})

describe('an entry that is met again', () => {
  const again: readonly MadeRow[] = [
    { seen: [0], done: [0], reward: [4], next: { seen: [1] } },
    { seen: [1], done: [0], reward: [0], next: { seen: [0] } },
    { seen: [0], done: [0], reward: [8], ends: 'terminated' },
  ]

  it.each([
    // Targets 4, then 2/2 = 1: Q(1, 0) = 1/2, Q(0, 0) = 2 + 1/8. Then 8, of which Q(0, 0) gets half, or 17/32.
    ['replacing', 1],
    ['accumulating', 1 + 1 / 16],
  ] as const)('counts once more by %s traces: %d', (traces, counted) => {
    const { learner, values, lengths } = learn({ traces }, again)
    const step = 0.5 * (8 - 2.125)
    expect(values.slice(0, 4)).toEqual([2.125 + step * counted, 0, 0.5 + step / 4, 0])
    expect(lengths).toEqual([1, 2, 2])
    expect(arrayOf(learner, 'entry').slice(0, 2)).toEqual([2, 0])
    expect(arrayOf(learner, 'trace').slice(0, 2)).toEqual([1 / 4, counted])
  })
})

it('a trace is dropped where it falls below 1e-16', () => {
  const lengthsWith = (lambda: number) => learn({ lambda }, walk.slice(0, 2)).lengths
  expect(lengthsWith(2e-16)).toEqual([1, 2])
  expect(lengthsWith(1.9e-16)).toEqual([1, 1])
})

it.each([{}, { longest: 2 }, { longest: 4, traces: 'accumulating' }])(
  'the trace of a second row is kept as the first’s would be, with %j',
  (settings) => {
    const steps = [...walk.slice(0, 3), ...walk.slice(0, 3), { seen: [0], done: [0], reward: [1], next: { seen: [3] } }]
    const alone = learn(settings, steps)
    const learner = madeLearner(qLambda, spec, { lambda: 0.5, ...settings }, { rows: 2 })
    for (const row of steps) learner.update(madeStep(spec, [{ acts: [0], done: [0], reward: [9] }, row]))
    expect(arrayOf(learner, 'values')).toEqual(alone.values)
    const [, length] = arrayOf(learner, 'length')
    expect(length).toBe(alone.lengths.at(-1))
    for (const name of ['entry', 'trace']) {
      const kept = arrayOf(learner, name)
      expect(kept.slice(kept.length / 2, kept.length / 2 + length!)).toEqual(
        arrayOf(alone.learner, name).slice(0, length),
      )
    }
  },
)

it('traces of two rows and of two choices are kept apart', () => {
  const two = madeSpec([[2, 2]])
  const learner = madeLearner(qLambda, two, { lambda: 0.5, longest: 2 }, { rows: 2 })
  learner.update(
    madeStep(two, [
      { seen: [0], done: [0, 1], reward: [4], next: { seen: [1] } },
      { seen: [2], done: [1, 0], reward: [2], ends: 'terminated' },
    ]),
  )
  learner.update(
    madeStep(two, [
      { seen: [1], done: [0, 0], reward: [8], next: { seen: [3] } },
      { seen: [3], done: [1, 1], reward: [6], next: { seen: [3] } },
    ]),
  )
  expect(arrayOf(learner, 'length')).toEqual([2, 2, 1, 1])
  // The second row's traces have one entry each, and room for another.
  const entries = arrayOf(learner, 'entry')
  expect([...entries.slice(0, 5), entries[6]]).toEqual([0, 2, 9, 10, 7, 15])
  expect(arrayOf(learner, 'values')).toEqual([3, 0, 4, 0, 0, 1, 0, 3, 0, 3, 4, 0, 1, 0, 0, 3])
})
