import { beforeAll, describe, expect, it } from 'vitest'
import { agentRequestSchema, frameSchema } from '../contract/agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { type Example, exampleOfWords } from './example.js'
import { countSpans, spanF1 } from './span-scores.js'
import { toySentences } from './testing/toy-sentences.js'
import { trainUnderstanding, understandingOptions } from './train-model.js'
import { UnderstandingAgent } from './understanding-agent.js'
import type { UnderstandingModel } from './understanding-model.js'

const question = 'Will it rain tomorrow in New York?'
const request = agentRequestSchema.parse({ id: 'q', question })
let model: UnderstandingModel
beforeAll(() => {
  model = trainUnderstanding(toySentences(300))
})

describe('the agent with a trained model', () => {
  agentConformance(() => ({ agent: new UnderstandingAgent(model), request }))
})

describe('a trained model', () => {
  it('reads intent and slots as they stand in the question', () => {
    const frame = model.frame(question)
    expect(frameSchema.safeParse(frame).error).toBeUndefined()
    expect(frame.intent).toBe('weather')
    expect(frame.slots.map(({ name, text, from, to }) => [name, text, from, to])).toEqual([
      ['day', 'tomorrow', 13, 21],
      ['city', 'New York', 25, 33],
    ])
    expect(frame.confidence).toBeGreaterThan(0.5)
    for (const { confidence } of frame.slots) expect(confidence).toBeGreaterThan(0.7)
  })

  it('tells the same words apart by what is wanted', () => {
    const slotOfBoston = (text: string) => model.frame(text).slots.find(({ text: word }) => word === 'boston')?.name
    expect([slotOfBoston('weather for boston'), slotOfBoston('play something by boston')]).toEqual(['city', 'artist'])
  })

  it('learned it: other sentences are right as well', () => {
    const counts = { right: 0, found: 0, wanted: 0 }
    let right = 0
    const others = toySentences(200, 'others')
    for (const { text, tokens, tags, intent } of others) {
      const reading = model.read(text, tokens)
      countSpans(counts, tags, reading.tags)
      if (model.parts.classifier.intents[reading.intent.intent] === intent) right++
    }
    expect(spanF1(counts)).toBeGreaterThan(0.97)
    expect(right / others.length).toBeGreaterThan(0.97)
  })

  it('gives all pairs of intent and tags together the probability 1', () => {
    const small = trainUnderstanding(
      toySentences(60).filter(({ intent }) => intent !== 'book'),
      understandingOptions.parse({ epochs: 2 }),
    )
    const tokens = small.tokens('play boston tomorrow')
    let sum = 0
    let best = { p: 0, intent: -1, tags: [] as readonly string[] }
    small.parts.classifier.intents.forEach((_, intent) => {
      // Every sequence over the intent's tags, the illegal ones too.
      let sequences: (readonly string[])[] = [[]]
      for (const _ of tokens)
        sequences = sequences.flatMap((before) => small.tagsOf(intent).map((tag) => [...before, tag]))
      for (const tags of sequences) {
        const p = small.probability(tokens, intent, tags)
        sum += p
        if (p > best.p) best = { p, intent, tags }
      }
    })
    expect(sum).toBeCloseTo(1, 9)
    expect(small.probability(tokens, 0, ['O', 'I-artist', 'O'])).toBe(0)
    expect(small.probability(tokens, 0, ['O', 'B-nowhere', 'O'])).toBe(0)
    const reading = small.read('play boston tomorrow')
    expect(reading.tags).toEqual(best.tags)
    expect(reading.intent.confidence * reading.tagsProbability).toBeCloseTo(best.p, 9)
  })

  it('passes over signs that it never met', () => {
    const reading = (text: string) => model.frame(text).slots.map(({ name, text: word }) => [name, word])
    expect(reading('weather for boston?!')).toEqual(reading('weather for boston'))
    expect(model.tokens('(boston) …').map(({ text }) => text)).toEqual(['boston'])
  })

  it('says that a question is none of its intents', () => {
    const frame = model.frame('how do i file my taxes')
    expect(frame).toMatchObject({ intent: null, slots: [] })
    expect(frame.confidence).toBeGreaterThan(0.5)
    expect(model.frame('   ')).toMatchObject({ slots: [] })
  })

  it('reads on where it is told that the question is in scope', () => {
    const text = 'how do i file my taxes in boston'
    const tokens = model.tokens(text)
    expect(model.read(text, tokens).intent.intent).toBe(-1)
    expect(model.read(text, tokens, { closed: true }).intent.intent).toBeGreaterThanOrEqual(0)
  })

  it('learns what is out of scope from sentences without an intent', () => {
    const others = Array.from({ length: 40 }, (_, i) =>
      exampleOfWords(['tell', 'me', 'a', i % 2 === 0 ? 'joke' : 'story', 'now'], new Array(5).fill('O'), null),
    )
    const open = trainUnderstanding([...toySentences(200), ...others])
    expect(open.parts.training).toMatchObject({ sentences: 240, outOfScope: 40, intents: { triedOn: 'given' } })
    expect(open.parts.training.intents.foundOut).toBeGreaterThan(0.9)
    expect(open.frame('tell me a joke').intent).toBeNull()
    expect(model.parts.training.intents.triedOn).toBe('left-out')
  })

  it('explains a decision by its weights', () => {
    const { terms, words } = model.explain('will it rain in lyon', 4)
    expect(terms).toHaveLength(4)
    expect(terms.map(({ term }) => term).join(' ')).toMatch(/rain|will/)
    const lyon = words.find(({ token }) => token === 'lyon')!
    expect(lyon).toMatchObject({ tag: 'B-city' })
    expect(lyon.probability).toBeGreaterThan(0.5)
    expect(lyon.features[0]!.lead).toBeGreaterThan(lyon.features[3]!.lead)
    expect(lyon.features.map(({ feature }) => feature).join(' ')).toMatch(/phrase=city|word-1=in|slots=city/)
  })

  it('is the same for the same seed, and another for another', () => {
    const trained = (seed: string) =>
      trainUnderstanding(toySentences(50), understandingOptions.parse({ seed })).frame(question).confidence
    expect(trained('1')).toBe(trained('1'))
    expect(trained('1')).not.toBe(trained('2'))
  })

  it('makes do with one intent, and with none that has slots', () => {
    const weather = toySentences(60).filter(({ intent }) => intent === 'weather')
    expect(trainUnderstanding(weather).frame('weather for rome')).toMatchObject({
      intent: 'weather',
      slots: [{ name: 'city', text: 'rome' }],
    })
    const bare = toySentences(60).map((one): Example => ({ ...one, tags: one.tags.map(() => 'O') }))
    expect(trainUnderstanding(bare).frame('play bach')).toMatchObject({ intent: 'music', slots: [] })
  })

  it('reads capitals where it learned from them', () => {
    const capital = (one: Example): Example => {
      const words = one.tokens.map(({ text }, t) =>
        one.tags[t] === 'O' ? text : text[0]!.toUpperCase() + text.slice(1),
      )
      return exampleOfWords(words, one.tags, one.intent)
    }
    expect(model.parts.lowerCase).toBe(true)
    const cased = trainUnderstanding(toySentences(200).map(capital))
    expect(cased.parts.lowerCase).toBe(false)
    expect(cased.frame('play Zoltan Kodaly').slots).toMatchObject([{ name: 'artist', text: 'Zoltan Kodaly' }])
  })

  it('is refused without an intent to learn', () => {
    expect(() => trainUnderstanding([])).toThrow(/intent: no sentence has an intent/)
    expect(() => trainUnderstanding([exampleOfWords(['a'], ['O'], null)])).toThrow(/no sentence has an intent/)
  })
})
