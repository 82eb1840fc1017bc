import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { agreedAction, IndependentTabularPolicy, JointTabularPolicy } from './tabular-policy.js'
import { madeSpec, madeViews } from './testing/made-step.js'

const unused = new Rng('unused')

describe('of actions that are as good', () => {
  it('the lowest is taken where nothing was agreed on', () => {
    const spec = madeSpec([3], 2)
    const policy = new IndependentTabularPolicy(spec, Float64Array.of(4, 4, 4, 1, 5, 5))
    const out = new Int32Array(2).fill(-7)
    policy.act(madeViews(spec, [{ seen: [0] }, { seen: [1] }]), unused, out)
    expect([...out]).toEqual([0, 1])
  })

  it('the lowest is taken where nothing was agreed on, whatever stands before the row', () => {
    const values = Float64Array.of(9, 1, 3, 3)
    expect(agreedAction(values, 1, -1, Uint8Array.of(1, 1, 1, 1), 1, 3)).toBe(1)
  })

  it('the lowest joint action is taken, in every state', () => {
    const spec = madeSpec([2, 3], 4, { numStates: 2 })
    const policy = new JointTabularPolicy(spec, Float64Array.of(0, 0, 0, 0, 0, 7, 1, 5, 2, 3, 6, 6))
    const out = new Int32Array(6).fill(-7)
    const views = [{ state: 1 }, { state: 0 }, { state: 1, legal: ['11', '101'] }]
    policy.act(madeViews(spec, views), unused, out)
    expect([...out]).toEqual([1, 1, 1, 2, 1, 2])
    expect(policy.observes).toBe('global')
  })

  it('a joint action is compared with the best one before it', () => {
    const spec = madeSpec([2, 3], 4, { numStates: 2 })
    const policy = new JointTabularPolicy(spec, Float64Array.of(9, 9, 9, 0, 0, 0, 1, 5, 2, 3, 4, 4))
    const out = new Int32Array(2).fill(-7)
    policy.act(madeViews(spec, [{ state: 1 }]), unused, out)
    expect([...out]).toEqual([0, 1])
  })
})
