import { describe, expect, it } from 'vitest'
import { doubleQ } from './double-q.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { type MadeRow, madeSpec, madeStep } from './testing/made-step.js'
import { SameRng } from './testing/same-rng.js'

/** One agent, 2 actions, 4 observations; discount and step size 0.5. */
const spec = madeSpec([2])

/** Learns from steps, each with its draw. */
function learn(...steps: readonly (readonly [drawn: number, row: MadeRow])[]) {
  let learner = madeLearner(doubleQ, spec, { initialValue: 2 }, { rng: new SameRng(0) })
  for (const [drawn, row] of steps) {
    const next = madeLearner(doubleQ, spec, { initialValue: 2 }, { rng: new SameRng(drawn) })
    next.loadState(learner.saveState())
    next.update(madeStep(spec, [row]))
    learner = next
  }
  const [a, b, values] = ['a', 'b', 'values'].map((name) => arrayOf(learner, name).slice(0, 4))
  return { a, b, values, metrics: learner.metrics!() }
}

const good = { seen: [1], done: [1], reward: [6], ends: 'terminated' } as const

describe('of two tables', () => {
  it('A moves where the draw lies below a half, else B, and the mean is acted on', () => {
    const untouched = [2, 2, 2, 2]
    expect(learn([0.49, good])).toMatchObject({ a: [2, 2, 2, 4], b: untouched, values: [2, 2, 2, 3] })
    expect(learn([0.5, good])).toMatchObject({ a: untouched, b: [2, 2, 2, 4], values: [2, 2, 2, 3] })
  })

  it('the one that moves says which next action is best, the other what it is worth', () => {
    const step = { seen: [0], done: [0], reward: [1], next: { seen: [1] } }
    // A(1) = [2, 4], B(1) = [2, 1]: A's best is worth 1 to B; B's best is worth 2 to A.
    const bad = { ...good, reward: [0] }
    const moved = [
      [0, good],
      [0.9, bad],
    ] as const
    expect(learn(...moved, [0, step])).toMatchObject({
      a: [1.75, 2, 2, 4],
      b: [2, 2, 2, 1],
      values: [1.875, 2, 2, 2.5],
    })
    expect(learn(...moved, [0.9, step])).toMatchObject({ a: [2, 2, 2, 4], b: [2, 2, 2, 1], values: [2, 2, 2, 2.5] })
    expect(learn(...moved, [0.9, { ...step, reward: [3] }]).b).toEqual([3, 2, 2, 1])
  })

  it('the error is told of the one that moves', () => {
    expect(learn([0, good], [0, good]).metrics['td-error']).toBe((4 + 2) / 2)
    expect(learn([0, good], [0.9, good]).metrics['td-error']).toBe((4 + 4) / 2)
  })
})
