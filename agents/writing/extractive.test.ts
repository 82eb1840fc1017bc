import { beforeAll, describe, expect, it } from 'vitest'
import { agentRequestSchema } from '../contract/agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { extractive } from './extractive.js'
import { type AnsweredPassages, crossFit, fitSpanScorer, spanScorerDefaults } from './fit-span-scorer.js'
import { decodeSpanModel, encodeSpanModel } from './span-model-file.js'
import { SpanScorer } from './span-scorer.js'

/** Made-up towns: which year each was founded in, by whom. */
function towns(): AnsweredPassages {
  const founders = ['Anna Berg', 'Karl Roth', 'Mia Stein', 'Otto Lang', 'Ida Wolf', 'Max Horn', 'Eva Kern', 'Leo Falk']
  const passages = founders.map((who, k) => {
    return `The market is on Sundays. Town${k} was founded by ${who} in ${1500 + 13 * k}. Its ${k + 2} gates are old.`
  })
  const questions = founders.flatMap((who, k) => {
    const about = (question: string, answer: string) => ({
      question,
      answer,
      passage: k,
      from: passages[k]!.indexOf(answer),
    })
    return [
      about(`Who founded Town${k}?`, who),
      about(`When was Town${k} founded?`, String(1500 + 13 * k)),
      about(`How many gates does Town${k} have?`, String(k + 2)),
    ]
  })
  return { passages, questions, groups: Int32Array.from(founders.keys()) }
}

const settings = { ...spanScorerDefaults, trees: 20, depth: 3, featureShare: 1, questionShare: 1 }
const data = towns()
let bytes: Uint8Array
beforeAll(() => {
  bytes = encodeSpanModel(fitSpanScorer(data, settings, { folds: 4, seed: '0', attribution: 'made up' }))
})

describe('a span scorer', () => {
  it('learns from other groups what answers look like', () => {
    const answers = crossFit(data, settings, { folds: 4, seed: '0' })
    expect(answers.map(({ question }) => question)).toEqual([...data.questions.keys()])
    expect(answers.filter(({ f1 }) => f1 === 1).length).toBeGreaterThanOrEqual(20)
    expect(() => crossFit(data, settings, { folds: 9, seed: '0' })).toThrow(/at least 9 groups for 9 folds, got 8/)
  })

  it('is the same once saved and loaded, and from the same seed', () => {
    const model = decodeSpanModel(bytes)
    expect(encodeSpanModel(model)).toEqual(bytes)
    expect(encodeSpanModel(fitSpanScorer(data, settings, { folds: 4, seed: '0', attribution: 'made up' }))).toEqual(
      bytes,
    )
    expect(model.attribution).toBe('made up')
    const answer = new SpanScorer(model).answer(
      'Who founded Brück?',
      'It rains. Brück was founded by Jan Kalk in 1711.',
    )!
    expect(answer.text).toBe('Jan Kalk')
    expect(answer.sentence).toEqual({ from: 10, to: 48 })
    expect(new SpanScorer(model).answer('Who?', ' ... ')).toBeNull()
  })

  it('is refused where it is altered, of another version, or trained on other features', () => {
    const text = new TextDecoder('latin1').decode(bytes)
    const changed = (from: string, to: string) => Uint8Array.from(text.replace(from, to), (sign) => sign.charCodeAt(0))
    expect(() => decodeSpanModel(changed('scorer/1', 'scorer/0'))).toThrow(/expected format cadre-span-scorer\/1/)
    expect(() => decodeSpanModel(changed('made up', 'made on'))).toThrow(/sha256/)
    expect(() => decodeSpanModel(Uint8Array.of(1, 2, 3))).toThrow(/span scorer: not a file of one/)
  })
})

const passages = [
  {
    id: 'brueck#0',
    text: 'It rains. Brück was founded by Jan Kalk in 1711, with 20% of the land.',
    score: 3,
    source: { document: 'brueck', title: 'Brück', from: 100, to: 170 },
  },
  { id: 'other#0', text: '...', score: 1, source: { document: 'other' } },
]
const request = agentRequestSchema.parse({ id: 'q', question: 'Who founded Brück?', found: { passages } })
const create = (more: object = {}) =>
  extractive.create(extractive.schema.parse({ model: 'm', ...more }), {
    ...testResources('span'),
    files: new Map([['m', [{ path: 'm', bytes }]]]),
  })

describe('extractive', () => {
  agentConformance(() => ({ agent: create(), request }))
})

describe('the extractive writer', () => {
  const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY, trace: () => {} }
  const sentence = 'Brück was founded by Jan Kalk in 1711, with 20% of the land.'

  it('answers in words of the passage, with the sentence as its source', async () => {
    const { found, confidence } = await create().handle(request, call)
    const source = { document: 'brueck', title: 'Brück', from: 110, to: 170, quote: sentence }
    expect(found.drafts).toEqual([{ agent: 'span', text: 'Jan Kalk', confidence, provenance: [source] }])
    const whole = await create({ answer: 'sentence' }).handle(request, call)
    expect(whole.found.drafts![0]).toMatchObject({ text: sentence, provenance: [source] })
  })

  it('says that it is extractive, and fails where there are no words', async () => {
    expect(create().card.summary).toMatch(/^extractive/)
    const empty = { ...request, found: { passages: [passages[1]!] } }
    await expect(create().handle(empty, call)).rejects.toMatchObject({ outcome: 'unfit' })
    const both = { ...request, found: { passages: [passages[1]!, passages[0]!] } }
    expect((await create({ read: 2 }).handle(both, call)).found.drafts![0]!.text).toBe('Jan Kalk')
  })

  it('reads the context where somebody has made one', async () => {
    const context = [{ ...passages[0]!, text: 'Brück was founded by Lea Moor.' }]
    const asked = { ...request, found: { passages, context } }
    expect((await create().handle(asked, call)).found.drafts![0]!.text).toBe('Lea Moor')
  })
})
