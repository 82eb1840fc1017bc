import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { loadTabularPolicy } from './load-tabular-policy.js'
import { JointTabularPolicy } from './tabular-policy.js'
import { madeSpec, madeViews } from './testing/made-step.js'

const none = Number.NEGATIVE_INFINITY
const unused = new Rng('unused')

describe('greedy on a table of joint actions', () => {
  /** Joint actions of 2 and 3: 00 01 02 10 11 12. */
  const spec = madeSpec([2, 3], 2, { numStates: 2 })
  const values = Float64Array.of(1, 5, 2, 5, 0, 4, 6, 0, 0, 0, 0, 7)
  const policy = new JointTabularPolicy(spec, values)
  const views = [
    { state: 0 },
    { state: 1, legal: ['11', '110'] },
    { state: 0, legal: ['01', '101'] },
    { state: 1, acts: [0, 1], legal: ['00', '011'] },
  ]

  it('reads the whole state', () => {
    expect(policy.observes).toBe('global')
  })

  it('takes the best legal joint action, the lowest of equal ones, 0 for who does not act', () => {
    const out = new Int32Array(8).fill(-7)
    policy.act(madeViews(spec, views), unused, out)
    expect([...out]).toEqual([0, 1, 0, 0, 1, 0, 0, 1])
  })

  it('scores an action by the best legal joint action that it is part of', () => {
    const out = new Float64Array(25).fill(99)
    policy.scores(madeViews(spec, views), out)
    const rows = Array.from({ length: 8 }, (_, c) => [...out.subarray(3 * c, 3 * c + 3)])
    expect(rows).toEqual([
      [5, 5, none],
      [5, 5, 4],
      [6, 0, none],
      [6, 0, none],
      [none, 5, none],
      [5, none, 4],
      [none, none, none],
      [none, 0, 0],
    ])
    expect(out[24]).toBe(99)
  })

  it('of some agents leaves the others’ actions and scores alone, and says whose it is', () => {
    const part = new JointTabularPolicy(spec, Float64Array.of(1, 2, 3, 4, 5, 0), [1])
    const out = new Int32Array(2).fill(-7)
    part.act(madeViews(spec, [{ state: 1, legal: ['11', '101'] }]), unused, out)
    expect([...out]).toEqual([-7, 0])
    expect(part.export()).toEqual({
      kind: 'tabular',
      details: { tables: 'joint', agents: [1] },
      tensors: { q: { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 0) } },
    })
    expect(loadTabularPolicy(part.export(), spec).export!()).toEqual(part.export())
  })

  it('is saved and made again', () => {
    const stored = policy.export()
    expect(stored).toEqual({
      kind: 'tabular',
      details: { tables: 'joint' },
      tensors: { q: { shape: [2, 6], data: values } },
    })
    expect(stored.tensors.q!.data).not.toBe(values)
    expect(loadTabularPolicy(stored, spec).export!()).toEqual(stored)
  })
})
