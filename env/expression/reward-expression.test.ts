import { describe, expect, it } from 'vitest'
import { ExpressionError } from '../errors.js'
import { compileExpression } from './reward-expression.js'

const names = ['value', 'cost']
const row = Float64Array.of(6, 2)
const evaluate = (text: string, constants = {}) => compileExpression(text, names, constants)(row)

describe('an expression', () => {
  it.each([
    ['value - 0.5 * cost', 5],
    ['-(value + cost) / 4 + 1', -1],
    ['value * cost', 12],
    ['max(0, cost - value) + min(value, cost, 1)', 1],
    ['value > 5 and not (cost == 3) ? value ^ 2 : -1', 36],
    ['log(value, value) + pow(cost, 3)', 9],
    ['1 < cost < 3', 1],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toBeCloseTo(expected, 12)
  })

  it('reads constants beside quantities', () => {
    expect(evaluate('value - hold * cost', { hold: 0.4 })).toBeCloseTo(5.2, 12)
  })
})

describe('is refused', () => {
  it.each([
    ['constructor', /"constructor" is not a quantity/],
    ['__proto__', /"__proto__" is not a quantity/],
    ['value.constructor', /reaches outside arithmetic/],
    ['value["constructor"]', /reaches outside arithmetic/],
    ['toString()', /can't be called/],
    ['constructor("x")', /can't be called/],
    ['import("fs")', /can't be called/],
    ['unit("3 cm")', /can't be called/],
    ['bignumber(3)', /can't be called/],
    ['value to cm', /not an allowed operator/],
    ['2 cm', /"cm" is not a quantity/],
    ['f(x) = x', /reaches outside arithmetic/],
    ['value = 3', /reaches outside arithmetic/],
    ['[value]', /reaches outside arithmetic/],
    ['value; cost', /reaches outside arithmetic/],
    ['pi', /"pi" is not a quantity/],
    ['valu', /^expression "valu": "valu" is not a quantity; did you mean "value"\? \(names: value, cost\)$/],
    ['1e999', /not a finite number/],
    ['value / 0', /division by 0/],
    ['max()', /"max" can't be called with 0 arguments, expected 1 or more/],
    ['value > 0 ? abs(1, 2) : 0', /"abs" can't be called with 2 arguments, expected 1 \(/],
    ['round(value, 20)', /"round" can't be called with 2 arguments, expected 1 \(/],
    ['', /not a finite number/],
    ['value +', /expression "value \+": /],
    [Array(5000).fill('value').join(' + '), /expected at most 2000 characters, got 39997/],
    [`${'('.repeat(999)}value${')'.repeat(999)}`, /characters/],
  ])('%.30s', (text, message) => {
    expect(() => evaluate(text)).toThrowError(ExpressionError)
    expect(() => evaluate(text)).toThrowError(message)
  })

  it.each([`${'('.repeat(990)}value${')'.repeat(990)}`, `${'-'.repeat(1990)}value`, '1+'.repeat(990).concat('value')])(
    'or taken, but never fails otherwise: %.30s',
    (text) => {
      let value: number
      try {
        value = evaluate(text)
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError)
        return
      }
      expect(Number.isFinite(value)).toBe(true)
    },
  )
})
