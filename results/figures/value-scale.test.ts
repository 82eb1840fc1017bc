import fc from 'fast-check'
import { expect, it } from 'vitest'
import { valueScale } from './value-scale.js'

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 6 })

/** Relative luminance of WCAG 2.1. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const channel = Number.parseInt(hex.slice(i, i + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

it('gets lighter with the value, and its ink stands out by 4.5:1', () => {
  fc.assert(
    fc.property(numbers, numbers, (optimal, others) => {
      const scale = valueScale(optimal, others)
      const ladder = Array.from({ length: 21 }, (_, i) => scale.low + (i / 20) * (scale.high - scale.low))
      ladder.forEach((value, i) => {
        const light = luminance(scale.colour(value))
        const ink = luminance(scale.ink(value))
        expect((Math.max(light, ink) + 0.05) / (Math.min(light, ink) + 0.05)).toBeGreaterThan(4.4)
        if (i > 0) expect(light).toBeGreaterThanOrEqual(luminance(scale.colour(ladder[i - 1]!)))
      })
    }),
  )
})

it('spans the optimal values, and those of policies that lie near them', () => {
  expect(valueScale([0, 1], [0.5])).toMatchObject({ low: 0, high: 1, cut: false })
  expect(valueScale([0, 1], [-0.5])).toMatchObject({ low: -0.5, high: 1, cut: false })
  expect(valueScale([0, 1], [-100])).toMatchObject({ low: 0, high: 1, cut: true })
  expect(valueScale([0, 1], [-0.5, -100])).toMatchObject({ low: -0.5, high: 1, cut: true, cutAbove: false })
  expect(valueScale([], [3, 4])).toMatchObject({ low: 3, high: 4, cut: false })
  expect(valueScale([0, 1], []).colour(-5)).toBe(valueScale([0, 1], []).colour(0))
})

it('leaves out a few optimal values far from all others', () => {
  const optimal = Array.from({ length: 101 }, (_, i) => i / 100)
  expect(valueScale(optimal, [])).toMatchObject({ low: 0, high: 1, cut: false, cutAbove: false })
  const trapped = valueScale([...optimal, -50], [])
  expect(trapped).toMatchObject({ high: 1, cut: true, cutAbove: false })
  expect(trapped.low).toBeCloseTo(0.0102, 10)
})

it('writes about three digits', () => {
  expect(valueScale([0, 0.9], []).format(0.123456)).toBe('0.123')
  expect(valueScale([-14, -1], []).format(-12.25)).toBe('\u221212.3')
  expect(valueScale([0, 500], []).format(123.4)).toBe('123')
  expect(valueScale([-1, 20], []).format(-0.001)).toBe('0.0')
  expect(valueScale([2], []).format(2)).toBe('2.00')
  expect(valueScale([0, 1], []).format(0)).toBe('0')
})
