import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { box } from '#env/space.js'
import { loadTabularPolicy } from './load-tabular-policy.js'
import { agreedAction, IndependentTabularPolicy } from './tabular-policy.js'
import { madeSpec, madeViews } from './testing/made-step.js'

const none = Number.NEGATIVE_INFINITY
const unused = new Rng('unused')

describe('greedy on tables, one a choice', () => {
  /** Two choices of 2 and 3 actions, and one of 2; two observations: tables [2, 3] each, of the third choice too. */
  const spec = madeSpec([[2, 3], 2], 2)
  const values = Float64Array.of(1, 2, 0, 4, 3, 0, 5, 6, 7, 9, 9, 8, 1, 2, 0, 2, 1, 0)
  const policy = new IndependentTabularPolicy(spec, values)
  const batch = madeViews(spec, [
    { seen: [0, 1], legal: ['11', '110', '11'] },
    { seen: [1, -1], acts: [1, 0], legal: ['01', '011', '00'] },
  ])

  it('takes the best legal action, the lowest of equal ones, and 0 where none is', () => {
    const out = new Int32Array(8).fill(-7)
    policy.act(batch, unused, out)
    expect([...out]).toEqual([1, 1, 0, 0, 1, 1, 0, 0])
  })

  it('scores actions by their values, illegal ones by -Infinity', () => {
    const out = new Float64Array(24).fill(99)
    policy.scores(batch, out)
    const rows = Array.from({ length: 8 }, (_, c) => [...out.subarray(3 * c, 3 * c + 3)])
    expect(rows).toEqual([
      [1, 2, none],
      [5, 6, none],
      [2, 1, none],
      [none, none, none],
      [none, 3, none],
      [none, 9, 8],
      [none, none, none],
      [none, none, none],
    ])
  })

  it('is saved and made again, a tensor a choice', () => {
    const stored = policy.export()
    expect(stored).toEqual({
      kind: 'tabular',
      details: { tables: 'independent' },
      tensors: {
        'q.0': { shape: [2, 3], data: Float64Array.of(1, 2, 0, 4, 3, 0) },
        'q.1': { shape: [2, 3], data: Float64Array.of(5, 6, 7, 9, 9, 8) },
        'q.2': { shape: [2, 3], data: Float64Array.of(1, 2, 0, 2, 1, 0) },
        'q.3': { shape: [0, 3], data: new Float64Array(0) },
      },
    })
    expect(loadTabularPolicy(stored, spec).export!()).toEqual(stored)
  })

  it('depends on messages where an agent hears some', () => {
    expect(policy.observes).toBe('local')
    const [first, second] = spec.agents
    const hears = { ...spec, agents: [first!, { ...second!, observation: box(2), messages: 1 }] }
    expect(new IndependentTabularPolicy(hears, values).observes).toBe('messages')
  })

  it('takes what was agreed on of several that are best, and keeps it when saved, by the last bit', () => {
    const one = madeSpec([3], 4)
    const tied = Float64Array.of(2, 2, 2, -2, -3, -2, 0, 0, 0, 7, 8, 7)
    const agreed = new IndependentTabularPolicy(one, tied, Int32Array.of(0, 2, 1, -1))
    const out = new Int32Array(4)
    agreed.act(madeViews(one, [{ seen: [0] }, { seen: [1] }, { seen: [2] }, { seen: [3] }]), unused, out)
    expect([...out]).toEqual([0, 2, 1, 1])
    expect([...agreed.export().tensors['q.0']!.data]).toEqual([
      2 + 2 ** -51,
      2,
      2,
      -2,
      -3,
      -2 + 2 ** -51,
      0,
      Number.MIN_VALUE,
      0,
      7,
      8,
      7,
    ])
    expect([...tied]).toEqual([2, 2, 2, -2, -3, -2, 0, 0, 0, 7, 8, 7])
  })
})

describe('the action agreed on', () => {
  const values = Float64Array.of(9, 1, 3, 3)
  const mask = Uint8Array.of(0, 1, 1, 1)
  it('is taken where it is legal and none is better', () => {
    expect(agreedAction(values, 1, 2, mask, 1, 3)).toBe(2)
    expect(agreedAction(values, 1, 1, mask, 1, 3)).toBe(1)
    expect(agreedAction(values, 1, 0, mask, 1, 3)).toBe(1)
    expect(agreedAction(values, 1, -1, mask, 1, 3)).toBe(1)
    expect(agreedAction(values, 1, 2, Uint8Array.of(1, 1, 1, 0), 1, 3)).toBe(1)
    expect(agreedAction(Float64Array.of(9, 5, 1), 1, 0, mask, 1, 2)).toBe(0)
  })
})
