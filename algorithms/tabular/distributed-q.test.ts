import { describe, expect, it } from 'vitest'
import { distributedQ } from './distributed-q.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { type MadeRow, madeSpec, madeStep, madeViews } from './testing/made-step.js'
import { SameRng } from './testing/same-rng.js'

/** One agent, 3 actions, 4 observations. */
const spec = madeSpec([3])
const over = { ends: 'terminated' } as const

function learn(settings: object, ...batches: readonly (readonly MadeRow[])[]) {
  const rows = batches[0]!.length
  const learner = madeLearner(distributedQ, spec, { learningRate: 1, exploration: 0, ...settings }, { rows })
  for (const batch of batches) learner.update(madeStep(spec, batch))
  return learner
}

/** The greedy action in observation 1, of the learner and of its policy. */
function choices(learner: ReturnType<typeof learn>, legal = '111') {
  const batch = madeViews(spec, [{ seen: [1], legal: [legal] }])
  const [acted, wanted] = [new Int32Array(1), new Int32Array(1)]
  learner.act(batch, acted)
  learner.policy().act(batch, new SameRng(0), wanted)
  return [acted[0], wanted[0]]
}

describe('what was agreed on', () => {
  const two = [{ seen: [1], done: [2], reward: [2], ...over }]
  const alike = [{ seen: [1], done: [1], reward: [2], ...over }]
  const better = [{ seen: [1], done: [1], reward: [3], ...over }]

  it('is nothing at first, and the lowest action is taken', () => {
    const learner = learn({}, [{ seen: [0], done: [1], reward: [1], ...over }])
    expect(arrayOf(learner, 'agreed')).toEqual([1, -1, -1, -1])
    expect(choices(learner)).toEqual([0, 0])
  })

  it('is the action that raised the best value first; one as good changes nothing, a better one does', () => {
    const first = learn({}, two, alike)
    expect(arrayOf(first, 'values').slice(3, 6)).toEqual([0, 2, 2])
    expect(arrayOf(first, 'agreed')).toEqual([-1, 2, -1, -1])
    expect(choices(first)).toEqual([2, 2])
    const second = learn({}, two, better)
    expect(arrayOf(second, 'agreed')).toEqual([-1, 1, -1, -1])
    expect(choices(second)).toEqual([1, 1])
  })

  it('is not taken where it is illegal, or where another is better', () => {
    expect(choices(learn({}, two, alike), '110')).toEqual([1, 1])
    // Only action 0 was legal when it rose to 1: it was agreed on, though 2 is better.
    const narrow = learn({}, two, [{ seen: [1], legal: ['100'], done: [0], reward: [1], ...over }])
    expect(arrayOf(narrow, 'agreed')).toEqual([-1, 0, -1, -1])
    expect(choices(narrow)).toEqual([2, 2])
    expect(choices(narrow, '110')).toEqual([0, 0])
  })

  it('stays in a saved policy: it stands out by the last bit', () => {
    const learner = learn({}, two, alike, [{ seen: [3], done: [1], reward: [0], ...over }])
    const { data } = learner.policy().export!().tensors['q.0']!
    expect([...data]).toEqual([0, 0, 0, 0, 2, 2 + 2 ** -51, 0, 0, 0, 0, 0, 0])
  })
})

describe('values', () => {
  it('never fall, not even by a row whose target another row has passed', () => {
    const learner = learn({}, [
      { seen: [1], done: [0], reward: [3], ...over },
      { seen: [1], done: [0], reward: [2], ...over },
    ])
    expect(arrayOf(learner, 'values').slice(3, 6)).toEqual([3, 0, 0])
    learner.update(
      madeStep(spec, [
        { seen: [1], done: [0], reward: [-5], ...over },
        { seen: [0], done: [1], reward: [1], next: { seen: [1], legal: ['011'] } },
      ]),
    )
    expect(arrayOf(learner, 'values').slice(0, 6)).toEqual([0, 1, 0, 3, 0, 0])
  })

  it('rise by the step size, to what the best legal action next is worth', () => {
    const settings = { learningRate: 0.5 }
    const learner = learn(
      settings,
      [{ seen: [1], done: [0], reward: [8], ...over }],
      [{ seen: [0], done: [1], reward: [1], next: { seen: [1] } }],
    )
    expect(arrayOf(learner, 'values').slice(0, 6)).toEqual([0, 1.5, 0, 4, 0, 0])
  })

  it('rise the whole way unless told', () => {
    const { learningRate } = distributedQ.schema.parse({}) as { learningRate: unknown }
    expect(learningRate).toBe(1)
  })
})
