import { describe, expect, it } from 'vitest'
import { InboxIndex } from './inbox-index.js'

type Query = readonly [type: number, left: number]
const numberOf = (index: InboxIndex, ...queries: Query[]) =>
  index.numberOf(
    queries.length,
    Int32Array.from(queries, ([type]) => type),
    Int32Array.from(queries, ([, left]) => left),
  )
const read = (index: InboxIndex, number: number): Query[] => {
  const [type, left] = [new Int32Array(4), new Int32Array(4)]
  const waiting = index.read(number, type, left)
  return Array.from({ length: waiting }, (_, k) => [type[k]!, left[k]!] as const)
}

describe('the numbers of an inbox', () => {
  it('of one place are the codes of its query', () => {
    const index = InboxIndex.of(1, 3, [0, 0], false)!
    expect(index.size).toBe(7)
    expect(numberOf(index)).toBe(0)
    expect(numberOf(index, [0, 1])).toBe(1)
    expect(numberOf(index, [0, 3])).toBe(3)
    expect(numberOf(index, [1, 2])).toBe(5)
    expect([3, 4, 6].map((number) => index.headType(number))).toEqual([0, 1, 1])
  })

  // Two types, two decisions of patience. In order of arrival the first has less left than the next: [t 1, t' 2], 4 such pairs.
  it.each([
    ['one a tick', [0, 0], false, 1 + 4 + 4],
    // ... or as much, where several come at once: 4 pairs with 1, 4 with 2.
    ['several a tick', [0, 0], true, 1 + 4 + 4 + 8],
    // B first: of one type [1, 2] each; B before A at any different times.
    ['B before A, one a tick', [0, 1], false, 1 + 4 + 2 + 2],
    // ... and at equal times too: 2 + 2 of one type, and 2 of B before A.
    ['B before A, several a tick', [0, 1], true, 1 + 4 + 2 + 2 + 4 + 2],
  ] as const)('of two places: %s', (_, priority, mayShare, size) => {
    const index = InboxIndex.of(2, 2, priority, mayShare)!
    expect(index.size).toBe(size)
    const lists = Array.from({ length: size }, (_, number) => read(index, number))
    lists.forEach((list, number) => {
      expect(numberOf(index, ...list)).toBe(number)
    })
    expect(new Set(lists.map((list) => list.join(';'))).size).toBe(size)
    for (const list of lists) {
      const ranks = list.map(([type]) => priority[type]!)
      expect([...ranks].sort((a, b) => b - a)).toEqual(ranks)
    }
  })

  it('of what the model never comes to are those of the nearest that it does', () => {
    const index = InboxIndex.of(3, 3, [0, 0], false)!
    // Two of one tick: the one ahead seems a tick older.
    expect(numberOf(index, [0, 3], [1, 3])).toBe(numberOf(index, [0, 2], [1, 3]))
    expect(numberOf(index, [0, 2], [1, 3], [0, 3])).toBe(numberOf(index, [0, 1], [1, 2], [0, 3]))
    // Nothing is left for the first: the last isn't seen.
    expect(numberOf(index, [0, 1], [1, 1])).toBe(numberOf(index, [0, 1]))
    expect(numberOf(index, [0, 2], [1, 2], [0, 2])).toBe(numberOf(index, [0, 1], [1, 2]))
    // Of another priority, what is ahead may have come later, but not at the same tick.
    const ranked = InboxIndex.of(2, 3, [0, 1], false)!
    expect(numberOf(ranked, [1, 3], [0, 1])).not.toBe(numberOf(ranked, [1, 2], [0, 1]))
    expect(numberOf(ranked, [1, 3], [0, 3])).toBe(numberOf(ranked, [1, 2], [0, 3]))
  })

  it('are none where there would be too many', () => {
    expect(InboxIndex.of(12, 20, [0, 0, 0], true)).toBeNull()
  })
})
