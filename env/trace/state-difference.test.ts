import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../json.js'
import { stateDifference } from './state-difference.js'

describe('stateDifference', () => {
  it('compares only the fields that are expected', () => {
    const got = { agents: [{ row: 1, col: 2 }], food: [], rng: [1, 2] }
    expect(stateDifference({ agents: [{ row: 1 }] }, got, 0)).toBeUndefined()
    expect(stateDifference({}, got, 0)).toBeUndefined()
  })

  it.each<[Json, Json | undefined, string, Json, Json]>([
    [{ agents: [{ row: 1 }, { row: 2 }] }, { agents: [{ row: 1 }, { row: 3 }] }, 'agents[1].row', 2, 3],
    [{ agents: [1] }, { agents: [1, 2] }, 'agents', [1], [1, 2]],
    [{ agents: [1] }, { agents: { 0: 1 } }, 'agents', [1], { 0: 1 }],
    [{ a: { b: 1 } }, { a: 1 }, 'a', { b: 1 }, 1],
    [{ a: 1 }, {}, 'a', 1, null],
    [{ toString: 1 }, {}, 'toString', 1, null],
    [{ a: 1 }, { a: '1' }, 'a', 1, '1'],
    [{ a: true }, { a: 1 }, 'a', true, 1],
    [null, undefined, '', null, null],
    [1, Number.NaN, '', 1, Number.NaN],
  ])('of %j and %j finds %s', (expected, got, path, wanted, found) => {
    expect(stateDifference(expected, got, 0)).toEqual({ path, expected: wanted, got: found })
  })

  it('allows numbers to differ by the tolerance, and no more', () => {
    expect(stateDifference({ x: 1 }, { x: 1.25 }, 0.25)).toBeUndefined()
    expect(stateDifference({ x: 1 }, { x: 1.25 }, 0.2)?.path).toBe('x')
  })

  it('finds nothing between any JSON and itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(stateDifference(json as Json, structuredClone(json) as Json, 0)).toBeUndefined()
      }),
    )
  })
})
