import { describe, expect, it } from 'vitest'
import { BundleError } from '#env/errors.js'
import type { PolicyExport } from '#env/policy.js'
import { loadTabularPolicy } from './load-tabular-policy.js'
import { madeSpec } from './testing/made-step.js'

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
          `policy bundle: a policy of the agents ${JSON.stringify(agents)}, expected some of 0..2, ascending`,
        ),
      )
    },
  )

  it.each([[[0, 1]], [[0, 2]], [[1, 2]]])('and one of the agents %j is not', (agents) => {
    expect(loadTabularPolicy(joint(agents), spec).export!().details.agents).toEqual(agents)
  })
})
