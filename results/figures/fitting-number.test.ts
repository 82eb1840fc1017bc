import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fittingNumber } from './fitting-number.js'

const tenths = (value: number) => value.toFixed(1)

it('shortens what would run over, and keeps its sign', () => {
  expect(fittingNumber(-65104.13, tenths, 48)).toBe('\u221265.1k')
  expect(fittingNumber(-65104.13, tenths, 40)).toBe('\u221265k')
  expect(fittingNumber(-1_234_567, tenths, 56)).toBe('\u22121.23M')
  expect(fittingNumber(999.96, tenths, 30)).toBe('1k')
  expect(fittingNumber(-3.2e120, tenths, 48)).toBe('\u22123e120')
})

it('leaves what fits as it is', () => {
  expect(fittingNumber(-14, tenths, 48)).toBe('\u221214.0')
  expect(fittingNumber(-384.8, tenths, 48)).toBe('\u2212384.8')
})

it('fits every value up to a quadrillion into the narrowest cell that has numbers', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e14, max: 1e14, noNaN: true }), (value) => {
      const text = fittingNumber(value, tenths, 40)
      expect(text.length).toBeLessThanOrEqual(6)
      expect(text.startsWith('\u2212')).toBe(Number(value.toFixed(1)) < 0)
    }),
  )
})
