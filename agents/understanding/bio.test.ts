import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spansOf, tagProblem, tagsOf } from './bio.js'
import { countSpans, spanF1 } from './span-scores.js'

describe('slots of tags', () => {
  it('begin with B-, go on with I- of the same slot', () => {
    const tags = ['B-a', 'I-a', 'B-a', 'O', 'B-b', 'I-b', 'B-a']
    const spans = [
      { name: 'a', first: 0, end: 2 },
      { name: 'a', first: 2, end: 3 },
      { name: 'b', first: 4, end: 6 },
      { name: 'a', first: 6, end: 7 },
    ]
    expect(spansOf(tags)).toEqual(spans)
    expect(tagsOf(spans, 7)).toEqual(tags)
  })

  it('begin with a stray I-, as conlleval counts', () => {
    expect(spansOf(['I-a', 'I-b', 'O', 'I-b'])).toEqual([
      { name: 'a', first: 0, end: 1 },
      { name: 'b', first: 1, end: 2 },
      { name: 'b', first: 3, end: 4 },
    ])
  })

  it('make legal tags that give them back', () => {
    const tag = fc.constantFrom('O', 'B-a', 'I-a', 'B-b', 'I-b')
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 8 }), (tags) => {
        const spans = spansOf(tags)
        const legal = tagsOf(spans, tags.length)
        expect(spansOf(legal)).toEqual(spans)
        legal.forEach((one, t) => {
          expect(tagProblem(legal[t - 1], one)).toBeUndefined()
        })
      }),
    )
  })

  it.each([
    [undefined, 'I-a', /I-a at the beginning of a sentence continues nothing; write B-a/],
    ['O', 'I-a', /I-a after O/],
    ['B-b', 'I-a', /I-a after B-b/],
    ['O', 'a', /expected O, B-SLOT or I-SLOT, got "a"/],
    ['O', 'B-', /expected O, B-SLOT/],
    ['O', 'o', /expected O/],
  ])('after %s refuse %s', (before, tag, message) => {
    expect(tagProblem(before, tag)).toMatch(message)
  })
})

describe('scores of slots', () => {
  it('are those of conlleval', () => {
    const counts = { right: 0, found: 0, wanted: 0 }
    countSpans(counts, ['B-a', 'I-a', 'O', 'B-b'], ['B-a', 'I-a', 'O', 'B-b'])
    countSpans(counts, ['B-a', 'I-a', 'O'], ['B-a', 'O', 'B-b'])
    countSpans(counts, ['O', 'B-a'], ['O', 'O'])
    expect(counts).toEqual({ right: 2, found: 4, wanted: 4 })
    expect(spanF1(counts)).toBe(0.5)
    expect(spanF1({ right: 0, found: 0, wanted: 0 })).toBe(1)
  })
})
