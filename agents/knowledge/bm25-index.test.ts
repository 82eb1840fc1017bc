import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bm25Index } from './bm25-index.js'

const settings = { k1: 1.2, b: 0.5 }
const texts = [['cat', 'sat', 'cat'], ['dog'], ['cat', 'dog', 'ran', 'far']]

function indexOf(list: readonly (readonly string[])[]): Bm25Index {
  const index = new Bm25Index(settings)
  for (const terms of list) index.add(terms)
  return index
}

describe('BM25', () => {
  it('scores as its formula says', () => {
    // N = 3, average length 8/3. idf(cat), in 2 of 3: log(1 + 1.5/2.5).
    const idf = Math.log(1.6)
    const score = (count: number, length: number) =>
      (idf * count * 2.2) / (count + 1.2 * (0.5 + (0.5 * length) / (8 / 3)))
    expect(indexOf(texts).search(['cat', 'mouse'], 5)).toEqual([
      { slot: 0, score: expect.closeTo(score(2, 3), 12) },
      { slot: 2, score: expect.closeTo(score(1, 4), 12) },
    ])
    // A word that is asked twice counts twice.
    const [once, twice] = [['sat'], ['sat', 'sat']].map((terms) => indexOf(texts).scores(terms, [0])[0]!)
    expect(twice).toBeCloseTo(2 * once!, 12)
  })

  it('finds no more than wanted, and of equal ones the lower number', () => {
    const index = indexOf([['a'], ['a'], ['a'], ['a', 'b']])
    expect(index.search(['a'], 2).map(({ slot }) => slot)).toEqual([0, 1])
    expect(index.search(['a'], 2, (x, y) => x > y).map(({ slot }) => slot)).toEqual([2, 1])
    expect(index.search(['b', 'a'], 1).map(({ slot }) => slot)).toEqual([3])
    expect(index.search(['c'], 3)).toEqual([])
    expect(new Bm25Index(settings).search(['a'], 3)).toEqual([])
  })

  const term = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const change = fc.oneof(
    fc.record({ add: fc.array(term, { maxLength: 8 }) }),
    fc.record({ remove: fc.nat({ max: 20 }) }),
  )
  it('after any changes scores as one made anew, also from its arrays', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.array(term, { maxLength: 4 }), (changes, query) => {
        const index = new Bm25Index(settings)
        const held = new Map<number, readonly string[]>()
        for (const one of changes) {
          if ('add' in one) held.set(index.add(one.add), one.add)
          else {
            index.remove(one.remove)
            held.delete(one.remove)
          }
        }
        const slots = [...held.keys()].sort((x, y) => x - y)
        const anew = indexOf(slots.map((slot) => held.get(slot)!))
        expect(index.size).toBe(slots.length)
        const scores = anew.scores(query, [...slots.keys()])
        expect(index.scores(query, slots)).toEqual(scores)
        const copy = new Bm25Index(settings)
        copy.load(index.export())
        expect(copy.scores(query, [...slots.keys()])).toEqual(scores)
        expect(copy.search(query, 3).map(({ score }) => score)).toEqual(
          index.search(query, 3).map(({ score }) => score),
        )
      }),
    )
  })
})
