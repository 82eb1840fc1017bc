import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BundleError } from '#env/errors.js'
import { agentRequestSchema } from '../contract/agent.js'
import type { AgentFile } from '../contract/agent-entry.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { keywords } from './keywords.js'
import { KnowledgeBase } from './knowledge-base.js'
import { decodeKnowledge, encodeKnowledge } from './knowledge-file.js'

const returns = {
  id: 'returns.md',
  title: 'Returns',
  text: '# Returns\n\nReturns are free within 30 days. After that they cost 5 euros.\n\n## Damaged goods\n\nWe fetch them.',
}
const shipping = {
  id: 'shipping.md',
  title: 'Shipping',
  text: 'A parcel takes two days. Express parcels cost 9 euros.',
}

function baseOf(...documents: { id: string; title: string; text: string }[]): KnowledgeBase {
  const base = new KnowledgeBase({ together: 20 })
  for (const document of documents) base.put(document)
  return base
}

describe('a knowledge base', () => {
  it('finds passages and sentences with their places', () => {
    const base = baseOf(returns, shipping)
    expect(base.search('What does an express parcel cost?', 1)).toMatchObject([
      { id: 'shipping.md#0', text: shipping.text, source: { document: 'shipping.md', title: 'Shipping', from: 0 } },
    ])
    const [sentence] = base.searchSentences('Until when are returns free?', 3)
    expect(sentence!.text).toBe('Returns are free within 30 days.')
    const { from, to } = sentence!.source
    expect(returns.text.slice(from, to)).toBe(sentence!.text)
    // By its heading alone.
    expect(base.search('damaged', 1)[0]!.text).toBe('We fetch them.')
    expect(base.search('of the', 3)).toEqual([])
    expect(base.coverage('free parcel', returns.text)).toBeCloseTo(0.5, 1)
    expect(base.coverage('', returns.text)).toBe(0)
  })

  it('cites verbatim, and only what is there', () => {
    const base = baseOf(returns)
    expect(base.cite('returns.md', { from: 11, to: 18 })).toEqual({
      ...{ document: 'returns.md', title: 'Returns', from: 11, to: 18, quote: 'Returns' },
    })
    expect(base.cite('other.md', { from: 0, to: 1 })).toBeUndefined()
    expect(base.cite('returns.md', { from: 5, to: 5000 })).toBeUndefined()
  })

  const word = fc.constantFrom('lamp', 'bed', 'free', 'cost', 'two.', 'Days', '\n\n')
  const document = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    title: word,
    text: fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  })
  it('after any changes finds what one made anew finds, and saves the same bytes', () => {
    const change = fc.oneof(document, fc.record({ gone: fc.constantFrom('a', 'b', 'c') }))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 10 }), fc.array(word, { maxLength: 3 }), (changes, query) => {
        const base = baseOf()
        const held = new Map<string, { id: string; title: string; text: string }>()
        for (const one of changes) {
          if ('gone' in one) {
            expect(base.remove(one.gone)).toBe(held.delete(one.gone))
          } else {
            base.put(one)
            held.delete(one.id)
            held.set(one.id, one)
          }
        }
        const anew = baseOf(...held.values())
        const question = query.join(' ')
        expect(base.search(question, 4)).toEqual(anew.search(question, 4))
        expect(base.searchSentences(question, 4)).toEqual(anew.searchSentences(question, 4))
        const bytes = encodeKnowledge(base)
        expect(bytes).toEqual(encodeKnowledge(anew))
        const loaded = decodeKnowledge(bytes)
        expect(loaded.documents).toEqual(base.documents)
        expect(loaded.searchSentences(question, 4)).toEqual(anew.searchSentences(question, 4))
        for (const id of held.keys()) loaded.remove(id)
        expect(loaded.size).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('refuses an index of another version, an altered one and what is none', () => {
    const bytes = encodeKnowledge(baseOf(returns, shipping))
    const text = new TextDecoder('latin1').decode(bytes)
    const encode = (changed: string) => Uint8Array.from(changed, (sign) => sign.charCodeAt(0))
    expect(() => decodeKnowledge(encode(text.replace('cadre-knowledge/1', 'cadre-knowledge/9')))).toThrow(
      /knowledge index: expected format cadre-knowledge\/1, got "cadre-knowledge\/9"; make it again/,
    )
    expect(() => decodeKnowledge(encode(text.replace('two days', 'ten days')))).toThrow(/sha256 does not match/)
    expect(() => decodeKnowledge(bytes.map((byte, k) => (k === bytes.length - 1 ? byte ^ 1 : byte)))).toThrow(/sha256/)
    expect(() => decodeKnowledge(new TextEncoder().encode('# Returns'))).toThrow(BundleError)
  })
})

const encoder = new TextEncoder()
const files: ReadonlyMap<string, readonly AgentFile[]> = new Map([
  [
    './docs/',
    [
      { path: 'returns.md', bytes: encoder.encode(returns.text) },
      { path: 'more/shipping.md', bytes: encoder.encode(shipping.text) },
    ],
  ],
])
const create = (settings: object, given = files) =>
  keywords.create(keywords.schema.parse(settings), { ...testResources('keywords'), files: given })
const requestOf = (question: string) => agentRequestSchema.parse({ id: 'q', question })
const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY, trace: () => {} }

describe('keywords', () => {
  agentConformance(() => ({ agent: create({ documents: ['./docs/'] }), request: requestOf('Are returns free?') }))
})

describe('keywords of sentences', () => {
  agentConformance(() => ({
    agent: create({ documents: ['./docs/'], unit: 'sentences' }),
    request: requestOf('Are returns free?'),
  }))
})

describe('the keywords agent', () => {
  it('names documents by their paths, and is surer where one passage is far ahead', async () => {
    const agent = create({ documents: ['./docs/'], top: 1 })
    const sure = await agent.handle(requestOf('How long does a parcel take?'), call)
    expect(sure.found.passages!.map(({ source }) => source.document)).toEqual(['docs/more/shipping.md'])
    expect(sure.provenance).toHaveLength(1)
    const unsure = await agent.handle(requestOf('How many euros does it cost?'), call)
    expect(unsure.confidence).toBeLessThan(sure.confidence)
    const lost = await agent.handle(requestOf('Zürich?'), call)
    expect(lost).toMatchObject({ found: { passages: [] }, confidence: 0 })
  })

  it('reads a saved index, alone', async () => {
    const saved = new Map([['a.safetensors', [{ path: 'a.safetensors', bytes: encodeKnowledge(baseOf(shipping)) }]]])
    const answer = await create({ documents: ['a.safetensors'] }, saved).handle(requestOf('a parcel'), call)
    expect(answer.found.passages![0]!.source.document).toBe('shipping.md')
    expect(() => create({ documents: ['a.safetensors', './docs/'] }, saved)).toThrow(/a\.safetensors is a saved index/)
  })

  it('says where there is nothing, or no text', () => {
    const only = (bytes: Uint8Array) => new Map([['a.txt', [{ path: 'a.txt', bytes }]]])
    expect(() => create({ documents: ['a.txt'] }, only(encoder.encode('\n')))).toThrow(/there is no text in them/)
    expect(() => create({ documents: ['a.txt'] }, only(Uint8Array.of(0x61, 0)))).toThrow(/a\.txt:1: .*expected text/)
  })
})
