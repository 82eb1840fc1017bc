import { describe, expect, it } from 'vitest'
import { FixedGazetteer, GazetteerCounts, OUTSIDE } from './gazetteer.js'
import { extractFeatures, templates } from './templates.js'

const slots = ['artist', 'city']
const boston = { forms: ['fly', 'to', 'boston'], tags: ['O', 'O', 'B-city'] }
const band = { forms: ['play', 'boston'], tags: ['O', 'B-artist'] }
const york = { forms: ['in', 'new', 'york', 'to', 'day'], tags: ['O', 'B-city', 'I-city', 'O', 'O'] }

function counted(...sentences: (typeof boston)[]): GazetteerCounts {
  const counts = new GazetteerCounts(slots)
  for (const sentence of sentences) counts.add(sentence)
  return counts
}

describe('the counts of a gazetteer', () => {
  it('know what a word was, the most frequent first', () => {
    const counts = counted(boston, band, boston, york)
    expect(counts.wordSlots('boston')).toEqual([1, 0])
    expect(counts.wordSlots('to')).toEqual([OUTSIDE])
    expect(counts.wordSlots('rome')).toBeUndefined()
    expect([counts.phraseSlots('new york'), counts.phraseSlots('new'), counts.longest]).toEqual([[1], undefined, 2])
  })

  it('leave a sentence out, but not what others say', () => {
    const counts = counted(boston, band, york)
    const without = counts.without(boston, () => ({
      boston: counts.wordSlots('boston'),
      fly: counts.wordSlots('fly'),
      to: counts.wordSlots('to'),
      phrase: counts.phraseSlots('boston'),
    }))
    expect(without).toEqual({ boston: [0], fly: undefined, to: [OUTSIDE], phrase: [0] })
    expect(counts.wordSlots('boston')).toEqual([0, 1])
    expect(counts.phraseSlots('boston')).toEqual([0, 1])
  })

  it('are whole again where the work in between fails', () => {
    const counts = counted(boston)
    const failing = () => {
      throw new Error('no')
    }
    expect(() => counts.without(boston, failing)).toThrow('no')
    expect(counts.wordSlots('boston')).toEqual([1])
  })

  it('say the same without the counts', () => {
    const counts = counted(boston, band, york)
    const { words, phrases } = counts.without(band, () => counts.entries())
    const fixed = new FixedGazetteer(words, phrases)
    expect([fixed.wordSlots('boston'), fixed.wordSlots('play'), fixed.phraseSlots('new york')]).toEqual([
      [1],
      undefined,
      [1],
    ])
    expect(fixed.longest).toBe(2)
  })
})

describe('the features of a sentence', () => {
  const featuresOf = (forms: string[], texts = forms, gazetteer = counted(boston, band, york)) => {
    const features: string[][] = forms.map(() => [])
    extractFeatures({ texts, forms }, gazetteer, slots, (at, template, value) =>
      features[at]!.push(`${templates[template]}=${value}`),
    )
    return features
  }

  it('are the words around, affixes and shape', () => {
    const [, second] = featuresOf(['go', 'to-35', 'rome'], ['Go', 'To-35', 'Rome'])
    expect(second).toEqual(
      expect.arrayContaining([
        'bias=',
        'word=to-35',
        'word-1=go',
        'word+1=rome',
        'word-2=<',
        'word+2=>',
        'shape=Xx-00',
        'prefix1=t',
        'prefix4=to-3',
        'suffix1=5',
        'suffix3=-35',
      ]),
    )
    expect(featuresOf(['a'])[0]!.filter((feature) => /fix/.test(feature))).toEqual(['prefix1=a', 'suffix1=a'])
  })

  it('are what words and phrases were in slots', () => {
    const [inn, fresh, york2, boston2] = featuresOf(['in', 'new', 'york', 'boston'])
    expect(fresh!.filter((feature) => /^(slots|mostly|phrase)/.test(feature))).toEqual([
      'mostly-1=O',
      'slots=city',
      'mostly=city',
      'slots+1=city',
      'mostly+1=city',
      'phrase=city/B/2',
    ])
    expect(york2).toEqual(expect.arrayContaining(['phrase=city/I/2', 'slots+1=artist', 'slots+1=city']))
    expect(boston2).toEqual(expect.arrayContaining(['phrase=artist/B/1', 'phrase=city/B/1', 'mostly=artist']))
    expect(inn).toEqual(expect.arrayContaining(['mostly=O', 'slots+1=city']))
    expect(featuresOf(['rome'])[0]).toContain('mostly=?')
  })

  it('do not know the sentence itself while it is learned from', () => {
    const counts = counted(boston, york)
    const seen = counts.without(york, () => featuresOf(york.forms, york.forms, counts))
    expect(seen[1]).toContain('mostly=?')
    expect(seen[2]!.some((feature) => feature.startsWith('phrase'))).toBe(false)
    expect(featuresOf(york.forms, york.forms, counts)[1]).toContain('phrase=city/B/2')
  })
})
