import { expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { JointTabularPolicy } from './tabular-policy.js'
import { madeSpec, madeViews } from './testing/made-step.js'

it('a joint policy writes the rows that a batch counts, and no others', () => {
  const spec = madeSpec([2, 2], 4, { numStates: 2 })
  const policy = new JointTabularPolicy(spec, Float64Array.of(0, 0, 0, 1, 0, 0, 1, 0))
  const batch = { ...madeViews(spec, [{ state: 0 }, { state: 1 }]), size: 1 }
  const out = new Int32Array(4).fill(-7)
  policy.act(batch, new Rng('unused'), out)
  expect([...out]).toEqual([1, 1, -7, -7])
  const scores = new Float64Array(8).fill(-7)
  policy.scores(batch, scores)
  expect([...scores]).toEqual([0, 1, 0, 1, -7, -7, -7, -7])
})
