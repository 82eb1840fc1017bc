import { describe, expect, it } from 'vitest'
import { schemaProblem, zodOf } from './json-interface.js'

const fits = (schema: object, value: unknown) => zodOf(schema as never).safeParse(value).success

describe('a JSON Schema', () => {
  it.each([
    [
      'of a required property that is not named, as all others',
      { required: ['answer'], additionalProperties: { type: 'string' } },
      { answer: 5 },
      { answer: 'yes' },
    ],
    [
      'of one that fits a pattern',
      { required: ['b1'], additionalProperties: false, patternProperties: { '^b': { type: 'number' } } },
      { b1: 'x' },
      { b1: 1 },
    ],
    ['of numbers without a type', { properties: { a: { minimum: 0 } } }, { a: -1 }, { a: 1 }],
    ['of text without a type', { properties: { a: { minLength: 2 } } }, { a: 'x' }, { a: 'xy' }],
    [
      'of a list of values and what else they are',
      { properties: { a: { enum: ['cross', 'x'], maxLength: 2 } } },
      { a: 'cross' },
      { a: 'x' },
    ],
    ['of a value among others', { properties: { a: { const: 'b', enum: ['a', 'b'] } } }, { a: 'a' }, { a: 'b' }],
    ['of properties within allOf', { allOf: [{ properties: { b: { type: 'string' } } }] }, { b: 5 }, { b: 'x' }],
    ['of items without a type', { properties: { a: { items: { type: 'string' } } } }, { a: [1] }, { a: ['x'] }],
    [
      'of a property that is called as a keyword',
      { properties: { required: { type: 'string' } } },
      { required: 1 },
      { required: 'x' },
    ],
  ])('%s', (_, schema, wrong, right) => {
    const whole = { type: 'object', ...schema }
    expect(schemaProblem(whole)).toBeNull()
    expect(fits(whole, right)).toBe(true)
    expect(fits(whole, wrong)).toBe(false)
  })

  it('that speaks of two types and names none is refused, with its place', () => {
    const schema = { type: 'object', properties: { a: { minimum: 0, minLength: 2 } } }
    expect(schemaProblem(schema)).toEqual({
      path: ['properties', 'a'],
      message: 'speaks of number and string and names no type; add type',
    })
  })

  it('that requires what no property may be called is refused', () => {
    const schema = { type: 'object', required: ['c'], additionalProperties: false, patternProperties: { '^b': {} } }
    expect(schemaProblem(schema)?.message).toBe('"c" is required, and no property is called so')
  })

  it.each([
    [{ properties: { a: { type: 'string', pattern: '^(a+)+$' } } }, ['properties', 'a', 'pattern']],
    [{ patternProperties: { '(a|b)*c': {} } }, ['patternProperties']],
    [
      { properties: { a: { type: 'array', items: { type: 'string', pattern: '(?=a)b' } } } },
      ['properties', 'a', 'items', 'pattern'],
    ],
  ])('whose pattern may take forever is refused, with its place', (schema, path) => {
    expect(schemaProblem({ type: 'object', ...schema })).toMatchObject({ path })
  })

  it('may have patterns that end', () => {
    const properties = { a: { type: 'string', pattern: '^[a-z]{2}-\\d+$' }, pattern: { type: 'string' } }
    expect(schemaProblem({ type: 'object', properties })).toBeNull()
  })
})
