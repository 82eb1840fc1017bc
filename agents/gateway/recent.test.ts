import { expect, it } from 'vitest'
import { Recent } from './recent.js'

it('keeps the newest, newest first', () => {
  const recent = new Recent<string, number>(3)
  expect(recent.values()).toEqual([])
  recent.set('a', 1)
  recent.set('b', 2)
  expect(recent.values()).toEqual([2, 1])
  recent.set('a', 3)
  recent.set('c', 4)
  expect(recent.values()).toEqual([4, 2, 3])
  recent.set('d', 5)
  expect([recent.has('a'), recent.get('b'), recent.values()]).toEqual([false, 2, [5, 4, 2]])
  recent.set('a', 6)
  recent.set('e', 7)
  expect([recent.has('c'), recent.values()]).toEqual([false, [7, 6, 5]])
})
