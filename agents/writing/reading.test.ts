import { describe, expect, it } from 'vitest'
import { readQuestion } from './asked.js'
import { candidatesIn } from './candidates.js'
import { gapSigns, readPassage, shapes } from './reading.js'
import { featureNames, numFeatures } from './span-feature-names.js'
import { spanFeatures } from './span-features.js'
import { numSpanKeys, shapeOfSpan, spanKeys } from './span-keys.js'
import { WordOdds } from './word-odds.js'

describe('what a question asks for', () => {
  it.each([
    ['Who wrote the book?', 'who', ''],
    ['In what year did it end?', 'what', 'year'],
    ['How many different nations took part?', 'how-many', 'nation'],
    ['What is the name of the river?', 'what', 'river'],
    ['Which of the kings fell?', 'which', 'king'],
    ['Is it true?', 'yes-no', ''],
    ['Name one king.', 'other', ''],
    ['', 'other', ''],
  ])('%s', (question, kind, focus) => {
    expect(readQuestion(question)).toMatchObject({ kind, focus })
  })

  it('is told by the words after the one that asks', () => {
    expect(readQuestion('During the war who led armies?')).toMatchObject({
      terms: ['dure', 'war', 'led', 'armi'],
      afterAsking: 2,
    })
    expect(readQuestion('The king was who?')).toMatchObject({ terms: ['king'], afterAsking: 1 })
  })
})

const passage = readPassage('In May 1705, King John (the “Old”) paid $5 million. His twenty-two men got 10%.')

describe('a reading', () => {
  it('knows words, shapes, signs and sentences', () => {
    expect(passage.words.slice(0, 5)).toEqual(['in', 'may', '1705', 'king', 'john'])
    expect([...passage.shape.slice(0, 5)].map((shape) => shapes[shape])).toEqual([
      'capital',
      'month',
      'year',
      'capital',
      'capital',
    ])
    const at = (word: string) => passage.gap[passage.words.indexOf(word)]
    expect([at('king'), at('the'), at('old'), at('5'), at('two'), at('men')]).toEqual([
      ...[gapSigns.comma, gapSigns.open, gapSigns.quote, gapSigns.money, gapSigns.hyphen, gapSigns.none],
    ])
    expect([...passage.sentenceStart]).toEqual([0, 10, passage.words.length])
    expect(at('his')).toBe(gapSigns.end)
  })

  it('has candidates within sentences that begin and end as answers do', () => {
    const { first, last } = candidatesIn(passage)
    const texts = [...first].map((i, c) => passage.words.slice(i, last[c]! + 1).join(' '))
    expect(texts).toContain('may 1705')
    expect(texts).toContain('king john the old')
    expect(texts).not.toContain('the old')
    expect(texts).not.toContain('million his')
    expect(texts).not.toContain('john the')
    expect(Math.max(...[...first].map((i, c) => last[c]! - i + 1))).toBe(10)
    expect(candidatesIn(readPassage('the of a ...')).first).toHaveLength(0)
  })
})

describe('features of a span', () => {
  const question = 'When did King John pay?'
  const asked = readQuestion(question)
  const candidates = candidatesIn(passage)
  const background = { idf: () => 2, odds: (key: string) => (key === 'ks:when date' ? 1.5 : 0) }
  const rows = spanFeatures(question, asked, passage, candidates, background)
  const featureOf = (words: string, feature: string) => {
    const c = [...candidates.first].findIndex(
      (i, k) => passage.words.slice(i, candidates.last[k]! + 1).join(' ') === words,
    )
    return rows[c * numFeatures + featureNames.indexOf(feature)]
  }

  it('say what stands in it and around it', () => {
    expect(featureOf('may 1705', 'length')).toBe(2)
    expect(featureOf('may 1705', 'year inside')).toBe(1)
    expect(featureOf('may 1705', 'month inside')).toBe(1)
    expect(featureOf('may 1705', 'distance to match right')).toBe(1)
    expect(featureOf('may 1705', 'question words after')).toBe(2)
    expect(featureOf('may 1705', 'asks when')).toBe(1)
    // king, john, pay: the sentence has two of three, "paid" isn't one of them.
    expect(featureOf('may 1705', 'sentence coverage')).toBeCloseTo(2 / 3, 6)
    expect(featureOf('twenty two', 'sentence behind best')).toBeCloseTo(2 / 3, 6)
    expect(featureOf('john', 'cuts capital before')).toBe(1)
    expect(featureOf('king john', 'idf matched inside')).toBe(4)
    expect(featureOf('may 1705', 'odds 5')).toBe(1.5)
    expect(featureOf('king', 'odds 5')).toBe(0)
  })

  it('have keys of a fixed number', () => {
    expect(spanKeys(asked, passage, 1, 2)).toHaveLength(numSpanKeys)
    expect(spanKeys(asked, passage, 1, 2)).toEqual(
      expect.arrayContaining(['p:in', 'n:#2', 'f:may', 'ks:when date', 'kl:when 2']),
    )
    expect([shapeOfSpan(passage, 3, 4), shapeOfSpan(passage, 8, 9), shapeOfSpan(passage, 7, 7)]).toEqual([
      'name',
      'number',
      'lower',
    ])
  })
})

describe('odds of words', () => {
  it('compare answers with all, and leave a group out', () => {
    const [own, all] = [new WordOdds(), new WordOdds()]
    own.add('x', 1, 1)
    all.add('x', 3, 10)
    all.add('y', 1, 90)
    // 4 answers of 100: 0.4 expected at x; with 2 added to both.
    expect(all.of('x', null)).toBeCloseTo(Math.log(5 / 2.4), 12)
    expect(all.of('z', null)).toBe(0)
    all.addAll(own)
    expect(all.of('x', own)).toBeCloseTo(Math.log(5 / 2.4), 12)
    expect([...all.table().keys()]).toEqual(['x', 'y'])
  })
})
