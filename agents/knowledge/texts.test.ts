import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { passageSpans } from './passages.js'
import { sentenceSpans } from './sentences.js'
import { termOf, termsOf } from './terms.js'
import { wordSpans } from './words.js'

const pieces = (text: string, spans: readonly { from: number; to: number }[]) =>
  spans.map(({ from, to }) => text.slice(from, to))

describe('words', () => {
  it.each([
    ['It cost $1,000.50, or 6½ pounds.', ['It', 'cost', '1,000.50', 'or', '6½', 'pounds']],
    ["Tesla's e-mail: snake_case", ['Tesla', 's', 'e', 'mail', 'snake', 'case']],
    ['日本の首都', ['日', '本', 'の', '首', '都']],
    ['Caf\u0065\u0301s', ['Caf\u0065\u0301s']],
    ['1, 2', ['1', '2']],
    [' ?! ', []],
  ])('of %s', (text, words) => {
    expect(pieces(text, wordSpans(text))).toEqual(words)
  })

  it('become terms: without case, accents, endings and stop words', () => {
    expect(termsOf("Who sings in the Cafés of Łódź since 1,000 years? It's Rühl.")).toEqual(
      // Ł is a letter of its own, not an accented one.
      ['sing', 'cafe', 'łodz', 'sinc', '1000', 'year', 'ruhl'],
    )
    expect(termOf('The')).toBeNull()
    expect(termOf('x'.repeat(100))).toBe('x'.repeat(100))
  })
})

describe('sentences', () => {
  it('end at full stops that end one', () => {
    const text = 'Dr. A. Smith of the U.S. Army came. "Why?" he said. It was 3.5 m.\n\nNew part! 日本。東京。'
    expect(pieces(text, sentenceSpans(text))).toEqual([
      'Dr. A. Smith of the U.S. Army came.',
      '"Why?" he said.',
      'It was 3.5 m.',
      'New part!',
      '日本。',
      '東京。',
    ])
  })
})

const markdown = `---
title: no words
---
# Returns

Free within 30 days.

Send them back.

## Costs
None. ${'A long sentence follows here. '.repeat(10)}

- a list
- of two
`

describe('passages', () => {
  it('keep short paragraphs of a section together, cut long ones, and know their heading', () => {
    const spans = passageSpans(markdown, { together: 60, most: 100 })
    expect(pieces(markdown, spans).slice(0, 2)).toEqual([
      'Free within 30 days.\n\nSend them back.',
      'None. A long sentence follows here. A long sentence follows here. A long sentence follows here.',
    ])
    expect(spans.map(({ heading }) => heading)).toEqual(['Returns', 'Costs', 'Costs', 'Costs', 'Costs', 'Costs'])
    expect(pieces(markdown, spans).at(-1)).toBe('- a list\n- of two')
  })

  it('leave no word out but headings, overlap nowhere and are no longer than they may be', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('word', 'End. ', ' ', '\n', '\n\n', '🙂', 'x'.repeat(40)), { maxLength: 60 }),
        fc.integer({ min: 10, max: 60 }),
        (parts, most) => {
          const text = parts.join('')
          const spans = passageSpans(text, { together: most, most })
          let at = 0
          for (const { from, to } of spans) {
            expect(text.slice(at, from).trim()).toBe('')
            expect(from).toBeLessThan(to)
            expect(to - from).toBeLessThanOrEqual(most)
            expect(encodeURIComponent(text.slice(from, to))).toBeTypeOf('string')
            at = to
          }
          expect(text.slice(at).trim()).toBe('')
        },
      ),
    )
  })
})
