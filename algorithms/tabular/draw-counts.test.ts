import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import type { LearnerEntry } from '../learner.js'
import { jointActionQ } from './joint-action-q.js'
import { madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep } from './testing/made-step.js'
import { perAgent } from './testing/tabular-entries.js'

/** A generator that counts its draws. */
class CountingRng extends Rng {
  count = 0
  override uniform(): number {
    this.count++
    return super.uniform()
  }
}

/** An agent with two choices and one with one, in two rows: six choices. */
const spec = madeSpec([[2, 3], 3])
const row = { done: [0, 0, 0, 0], reward: [-1, -1], next: { seen: [1, 1] } }
const step = madeStep(spec, [row, { ...row, acts: [1, 0], next: { seen: [1, 1], acts: [0, 1] } }])

/** Numbers drawn in acting on what was seen before the step, and in learning from it. */
function drawsOf(entry: LearnerEntry, exploration: number): number[] {
  const rng = new CountingRng('count')
  const learner = madeLearner(entry, spec, { exploration }, { rows: 2, rng })
  learner.act(step.before, new Int32Array(8))
  const acting = rng.count
  learner.update(step)
  return [acting, rng.count - acting]
}

describe('what is drawn', () => {
  it.each(perAgent)('%s: one number a choice, one more where it explores, and what learning needs', (name, entry) => {
    // Five choices act before; of the three that both act and go on, each has a next action to choose.
    const learning = { 'double-q': [5, 5], 'lenient-q': [5, 5], sarsa: [3, 6] }[name] ?? [0, 0]
    expect(drawsOf(entry, 0)).toEqual([6, learning[0]])
    // The one that is away draws whether it explores, and has no action to draw.
    expect(drawsOf(entry, 1)).toEqual([11, learning[1]])
  })

  it('joint-action-q: one number a row, one more where it explores', () => {
    expect(drawsOf(jointActionQ, 0)).toEqual([2, 0])
    expect(drawsOf(jointActionQ, 1)).toEqual([4, 0])
  })
})
