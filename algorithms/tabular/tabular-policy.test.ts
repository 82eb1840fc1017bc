import { describe, expect, it } from 'vitest'
import { BundleError } from '#env/errors.js'
import type { PolicyExport } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { box } from '#env/space.js'
import { agreedAction, IndependentTabularPolicy, JointTabularPolicy, loadTabularPolicy } from './tabular-policy.js'
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

describe('a bundle that does not fit is refused', () => {
  const spec = madeSpec([2, 2, 2], 2, { numStates: 2 })
  const table = { shape: [2, 2], data: new Float64Array(4) }
  const independent = (tensors: PolicyExport['tensors']): PolicyExport => ({
    kind: 'tabular',
    details: { tables: 'independent' },
    tensors,
  })
  const joint = (agents: unknown): PolicyExport => ({
    kind: 'tabular',
    details: { tables: 'joint', agents: agents as number[] },
    tensors: { q: { shape: [2, 4], data: new Float64Array(8) } },
  })
  const all = { 'q.0': table, 'q.1': table, 'q.2': table }

  it.each([
    ['a table is missing', independent({ 'q.0': table, 'q.2': table }), 'policy bundle: table "q.1" is missing'],
    [
      'a table is of another shape',
      independent({ ...all, 'q.2': { shape: [4, 2], data: new Float64Array(8) } }),
      'policy bundle: table "q.2" is [4, 2], expected f64 [2, 2] for made',
    ],
    [
      'a table holds other numbers',
      independent({ ...all, 'q.1': { shape: [2, 2], data: new Float32Array(4) } }),
      'policy bundle: table "q.1" is [2, 2], expected f64 [2, 2] for made',
    ],
    [
      'its tables are of no known kind',
      { ...independent(all), details: { tables: 'round' } },
      'policy bundle: unknown kind of tables "round"',
    ],
    [
      'its joint table is of all agents, and theirs is missing',
      { ...joint(undefined), tensors: {} },
      'policy bundle: table "q" is missing',
    ],
    [
      'its joint table is not of all agents, and does not say of whom',
      joint(undefined),
      'policy bundle: table "q" is [2, 4], expected f64 [2, 8] for made',
    ],
  ])('%s', (_, stored, message) => {
    const load = () => loadTabularPolicy(stored, spec)
    expect(load).toThrowError(BundleError)
    expect(load).toThrowError(new BundleError(message))
  })

  it.each([['1'], [[]], [[0.5, 1]], [[1, 3]], [[-1, 1]], [[1, 0]], [[1, 1]], [{ 0: 0, length: 1 }]])(
    'its agents are %j',
    (agents) => {
      const load = () => loadTabularPolicy(joint(agents), spec)
      expect(load).toThrowError(
        new BundleError(
          `policy bundle: a joint table of the agents ${JSON.stringify(agents)}, expected some of 0..2, ascending`,
        ),
      )
    },
  )

  it.each([[[0, 1]], [[0, 2]], [[1, 2]]])('and one of the agents %j is not', (agents) => {
    expect(loadTabularPolicy(joint(agents), spec).export!().details.agents).toEqual(agents)
  })
})
