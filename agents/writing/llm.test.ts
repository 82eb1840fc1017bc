import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { agentRequestSchema } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { type StubEndpoint, startStub } from '../testing/stub-endpoint.mjs'
import { testResources } from '../testing/test-resources.js'
import { checkCitations } from './check-citations.js'
import { llm } from './llm.js'

let stub: StubEndpoint
beforeAll(async () => {
  stub = await startStub('says')
})
afterAll(() => stub.close())

const passages = [
  {
    id: 'a#0',
    text: 'Returns are free\nwithin 30 days.',
    score: 2,
    source: { document: 'a', title: 'Returns', from: 7, to: 40 },
  },
  { id: 'b#0', text: 'A parcel takes two days.', score: 1, source: { document: 'b' } },
]
const request = agentRequestSchema.parse({
  ...{ id: 'q', question: 'Are returns free?', found: { passages } },
  history: [{ role: 'user', text: 'Hello' }],
})
const call = () => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 60_000,
  trace: () => {},
})
const create = (more: object = {}, secret: (name: string) => string | undefined = () => undefined) =>
  llm.create(llm.schema.parse({ endpoint: stub.endpoint, model: 'm', retries: 0, ...more }), {
    ...testResources('llm'),
    secret,
  })
const reply = JSON.stringify({
  answer: 'Free within 30 days',
  citations: [{ passage: 1, quote: 'free within 30 days' }],
})

describe('llm', () => {
  agentConformance(() => {
    stub.says = reply
    return { agent: create(), request }
  })
})

describe('the LLM writer', () => {
  const source = { document: 'a', title: 'Returns', from: 19, to: 38, quote: 'free\nwithin 30 days' }
  beforeEach(() => {
    stub.behaviour = 'says'
  })

  it('gives the passages by number, and cites what stands in them', async () => {
    stub.says = reply
    const agent = create(
      { apiKey: { env: 'KEY' }, price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 } },
      () => 'k',
    )
    const answer = await new CheckedAgent(agent, machineClock).handle(request, call())
    expect(answer).toEqual({
      found: { drafts: [{ agent: 'llm', text: 'Free within 30 days', confidence: 0.75, provenance: [source] }] },
      ...{ confidence: 0.75, costUsd: 30 / 1e6, provenance: [source] },
    })
    const { messages, ...options } = stub.last as { messages: { role: string; content: string }[] }
    expect(options).toEqual({ model: 'm', temperature: 0, max_tokens: 500, response_format: { type: 'json_object' } })
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'user'])
    expect(messages[2]!.content).toBe(
      'Passages:\n\n[1] Returns\nReturns are free\nwithin 30 days.\n\n[2] b\nA parcel takes two days.\n\nQuestion: Are returns free?',
    )
    expect(stub.authorization).toBe('Bearer k')
  })

  it('tells what is known in the conversation', async () => {
    stub.says = reply
    const known = [{ key: 'slots/order', value: 'A-1001', owner: 'rules', source: null }]
    await create().handle({ ...request, memory: { known, mayWrite: [] } }, call())
    const { messages } = stub.last as { messages: { content: string }[] }
    expect(messages.at(-1)!.content).toMatch(/^Known so far:\nslots\/order: A-1001\n\nPassages:/)
  })

  it('tells the endpoint which gateways the question came through, and nothing where it came through none', async () => {
    stub.says = reply
    await create().handle(request, { ...call(), hops: ['first', 'second'] })
    expect(stub.headers['x-cadre-hops']).toEqual(['first, second'])
    await create().handle(request, call())
    expect(stub.headers['x-cadre-hops']).toBeUndefined()
  })

  it('loses confidence where a citation is invented, and names none', async () => {
    stub.says = '```json\n{"answer": "Free for ever", "citations": [{"passage": 1, "quote": "free for ever"}]}\n```'
    const { confidence, provenance, found } = await create({ jsonMode: false }).handle(request, call())
    expect(provenance).toEqual([])
    // One of three words stands in the passages.
    expect(confidence).toBeCloseTo(0.25 / 3, 12)
    expect(found.drafts![0]!.provenance).toEqual([])
    expect(stub.last).not.toHaveProperty('response_format')
  })

  it('sends what is no such JSON back once', async () => {
    stub.says = ['Sure! They are free.', reply]
    const before = stub.requests
    expect((await create().handle(request, call())).provenance).toEqual([source])
    expect(stub.requests - before).toBe(2)
    const { messages } = stub.last as { messages: { role: string; content: string }[] }
    expect(messages.slice(-2)).toEqual([
      { role: 'assistant', content: 'Sure! They are free.' },
      { role: 'user', content: expect.stringMatching(/it is not JSON.*with the JSON alone/) },
    ])
    stub.says = ['{"answer": 5}', '{"answer": 6}']
    const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }
    await expect(create({ price }).handle(request, call())).rejects.toMatchObject({
      outcome: 'garbage',
      costUsd: 60 / 1e6,
      message: expect.stringMatching(/twice: answer: /),
    })
  })

  it('fails where the model finds no answer, and as its endpoint does', async () => {
    stub.says = '{"answer": null}'
    await expect(create().handle(request, call())).rejects.toMatchObject({ outcome: 'unfit' })
    for (const [behaviour, outcome] of [
      ['500', 'server-error'],
      ['garbage', 'garbage'],
      ['401', 'refused'],
    ]) {
      stub.behaviour = behaviour!
      await expect(create().handle(request, call())).rejects.toMatchObject({ outcome })
    }
    stub.behaviour = 'hang'
    await expect(create({ timeoutMs: 50 }).handle(request, call())).rejects.toMatchObject({ outcome: 'timeout' })
    const leaving = new AbortController()
    const answer = create().handle(request, { ...call(), signal: leaving.signal })
    leaving.abort()
    await expect(answer).rejects.toMatchObject({ outcome: 'aborted' })
  })

  it('wants its key', () => {
    expect(() => create({ apiKey: { env: 'NO_KEY' } })).toThrow(/environment variable NO_KEY is not set/)
  })
})

describe('citations', () => {
  it('count where their words stand, whichever passage was named', () => {
    const quotes = (...claimed: [number, string][]) =>
      checkCitations(
        claimed.map(([passage, quote]) => ({ passage, quote })),
        passages,
      ).map(({ document, quote }) => [document, quote])
    expect(quotes([2, 'two days.'], [1, 'two  days'], [9, 'Returns'], [1, '.*'], [1, ' '], [1, 'two weeks'])).toEqual([
      ['b', 'two days.'],
      ['b', 'two days'],
      ['a', 'Returns'],
    ])
    expect(quotes([2, 'two days.'], [1, 'two days.'])).toHaveLength(1)
  })
})

describe('citations', () => {
  const about = (text: string, document = 'a') => ({ id: `${document}#0`, text, score: 1, source: { document } })

  it.each(['a 30-day trial', 'C++ (v2.0)?', '[x] {y} | ^z$ \\\\ */', 'caf\u00e9 \u2013 so-called \u201cfree\u201d'])(
    'are found as they stand, whatever signs they have: %s',
    (quote) => {
      expect(checkCitations([{ passage: 1, quote }], [about(`Here: ${quote}. Yes.`)])).toEqual([
        { document: 'a', quote },
      ])
    },
  )

  it('are of the passage that is named, where several have the words', () => {
    const passages = [about('Two days.', 'a'), about('Two days.', 'b')]
    expect(checkCitations([{ passage: 2, quote: 'Two days.' }], passages)).toEqual([
      { document: 'b', quote: 'Two days.' },
    ])
    expect(checkCitations([{ passage: 9, quote: 'Two days.' }], passages)).toEqual([
      { document: 'a', quote: 'Two days.' },
    ])
  })
})
