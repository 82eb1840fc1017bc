import { describe, expect, it } from 'vitest'
import { believes, lenientQ } from './lenient-q.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'
import { SameRng } from './testing/same-rng.js'

/** One agent, 2 actions, 4 observations; discount and step size 0.5. */
const spec = madeSpec([2])
const settings = { maxTemperature: 8, decay: 0.5, diffusion: 0.25, initialValue: 1 }
const over = { ends: 'terminated' } as const

it('bad news is believed with probability 1 - exp(-1 / (leniency T))', () => {
  expect(believes(1, 1)).toBeCloseTo(1 - Math.exp(-1), 15)
  expect(believes(2, 0.25)).toBeCloseTo(1 - Math.exp(-2), 15)
  expect(believes(4, 8)).toBeCloseTo(1 - Math.exp(-1 / 32), 15)
  expect(believes(3, 0)).toBe(1)
})

describe('news', () => {
  const valueAfter = (drawn: number, reward: number, more: object = {}) => {
    const learner = madeLearner(lenientQ, spec, { ...settings, ...more }, { rng: new SameRng(drawn) })
    learner.update(madeStep(spec, [{ done: [0], reward: [reward], ...over }]))
    return arrayOf(learner, 'values')[0]
  }

  it('is believed when it is good, and when bad where the draw lies below the chance', () => {
    const chance = believes(2, 8)
    const more = { leniency: 2 }
    expect(valueAfter(0.99, 3, more)).toBe(2)
    expect(valueAfter(0, -1, more)).toBe(0)
    expect(valueAfter(chance - 1e-9, -1, more)).toBe(0)
    expect(valueAfter(chance, -1, more)).toBe(1)
    expect(valueAfter(0.99, -1, more)).toBe(1)
  })

  it('as good as what is known is believed, where another row has moved the value since', () => {
    const learner = madeLearner(lenientQ, spec, settings, { rows: 2, rng: new SameRng(0.99) })
    const rows = [5, 1].map((reward) => ({ done: [0], reward: [reward], ...over }))
    learner.update(madeStep(spec, rows))
    // 1 -> 3 towards 5, then half of the way back towards 1.
    expect(arrayOf(learner, 'values')[0]).toBe(2)
  })

  it('bootstraps from the best legal action next', () => {
    const learner = madeLearner(lenientQ, spec, settings)
    learner.update(madeStep(spec, [{ seen: [1], done: [1], reward: [7], ...over }]))
    learner.update(madeStep(spec, [{ seen: [0], done: [0], reward: [1], next: { seen: [1] } }]))
    learner.update(madeStep(spec, [{ seen: [0], done: [1], reward: [1], next: { seen: [1], legal: ['10'] } }]))
    expect(arrayOf(learner, 'values').slice(0, 4)).toEqual([0.5 * (1 + 1 + 4 / 2), 0.5 * (1 + 1 + 1 / 2), 1, 4])
  })
})

describe('a temperature', () => {
  const temperatures = (...steps: Parameters<typeof madeStep>[1]) => {
    const learner = madeLearner(lenientQ, spec, settings)
    for (const row of steps) learner.update(madeStep(spec, [row]))
    return arrayOf(learner, 'temperature').slice(0, 4)
  }
  const cooled = { seen: [1], done: [1], reward: [9], ...over }

  it('falls by the decay where nothing follows, believed or not', () => {
    expect(temperatures(cooled)).toEqual([8, 8, 8, 4])
    expect(temperatures(cooled, { ...cooled, reward: [-9] })).toEqual([8, 8, 8, 2])
    expect(temperatures({ ...cooled, ends: 'truncated', next: { acts: [0] } })).toEqual([8, 8, 8, 4])
  })

  it('takes a share of the mean of what is legal next', () => {
    const step = { seen: [0], done: [0], reward: [9], next: { seen: [1] } }
    expect(temperatures(cooled, step)).toEqual([0.5 * (0.75 * 8 + 0.25 * 6), 8, 8, 4])
    const narrow = { ...step, next: { seen: [1], legal: ['01'] } }
    expect(temperatures(cooled, narrow)).toEqual([0.5 * (0.75 * 8 + 0.25 * 4), 8, 8, 4])
    // The step after knows nothing of what followed the one before.
    expect(temperatures(cooled, step, { ...step, done: [1], next: {}, ...over })).toEqual([3.75, 4, 8, 4])
  })
})
