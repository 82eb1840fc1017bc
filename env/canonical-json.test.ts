import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.js'
import { NonFiniteError } from './errors.js'

describe('canonicalJson', () => {
  it('does not depend on the order of keys, and reads back', () => {
    const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>
    fc.assert(
      fc.property(value, (one) => {
        expect(canonicalJson(reversed(one))).toBe(canonicalJson(one))
        expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(JSON.stringify(one)))
      }),
    )
  })

  it('differs when values do', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        fc.pre(JSON.stringify(JSON.parse(canonicalJson(a))) !== JSON.stringify(JSON.parse(canonicalJson(b))))
        expect(canonicalJson(a)).not.toBe(canonicalJson(b))
      }),
    )
  })

  it('has known texts', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, A: true })).toBe(
      '{"A":true,"b":[1,{"c":"x","d":null}]}',
    )
  })

  it('refuses what JSON has no number for', () => {
    expect(() => canonicalJson({ a: [Number.NaN] })).toThrow(NonFiniteError)
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, reversed(field)]),
  )
}
