import { expect, it } from 'vitest'
import { valueRange } from './value-range.js'

it('the range of values leaves illegal ones out, and is absent where there are no others', () => {
  const illegal = Number.NEGATIVE_INFINITY
  expect(valueRange(Float64Array.of(2, illegal, -3, 5, 0))).toEqual({ 'q-min': -3, 'q-max': 5 })
  expect(valueRange(Float64Array.of(5, 0, -3))).toEqual({ 'q-min': -3, 'q-max': 5 })
  expect(valueRange(Float32Array.of(4))).toEqual({ 'q-min': 4, 'q-max': 4 })
  expect(valueRange(Float64Array.of(illegal, illegal))).toEqual({})
  expect(valueRange(new Float64Array(0))).toEqual({})
})
