import { expect, it } from 'vitest'
import { restoreRemovedUtilFunctions } from './removed-util-functions.js'

it('adds the functions that are missing, and they answer as they did', () => {
  const util = {} as { isArray(value: unknown): boolean; isNullOrUndefined(value: unknown): boolean }
  restoreRemovedUtilFunctions(util)
  expect([[], {}, null].map((value) => util.isArray(value))).toEqual([true, false, false])
  expect([null, undefined, 0, ''].map((value) => util.isNullOrUndefined(value))).toEqual([true, true, false, false])
})

it('keeps those that are there', () => {
  const own = () => false
  const util = { isArray: own }
  restoreRemovedUtilFunctions(util)
  expect(util.isArray).toBe(own)
})
