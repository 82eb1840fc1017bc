import { expect, it } from 'vitest'
import { LinearPattern } from '../team/linear-pattern.js'
import { entryGradeOf } from './difficulty.js'

it('a question looks as hard as what stands in the part that is read', () => {
  const looks = [{ pattern: new LinearPattern('order'), grade: 2 }]
  const words = [4, 2]
  expect(entryGradeOf('where is my ORDER of last week', { looks, words })).toBe(2)
  expect(entryGradeOf('one two three four five', { looks, words })).toBe(0)
  expect(entryGradeOf('one two three', { looks, words })).toBe(1)
  expect(entryGradeOf('one two three four five order', { looks, words, characters: 13 })).toBe(1)
})
