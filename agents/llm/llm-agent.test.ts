import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BundleError, ConfigError } from '#env/errors.js'
import { machineClock } from '../client/clock.js'
import { EmbeddingsEndpoint } from '../client/embeddings-endpoint.js'
import { noProxies } from '../client/upstream-connections.js'
import { agentRequestSchema } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { type StubEndpoint, startStub } from '../testing/stub-endpoint.mjs'
import { testResources } from '../testing/test-resources.js'
import { Head, trainHead } from './head.js'
import { llmAgent } from './llm-agent.js'

let vectors: StubEndpoint
let words: StubEndpoint
let head: Head
const sentences: [string, string | null][] = [
  ['where is my parcel', 'track'],
  ['where is the parcel now', 'track'],
  ['is my parcel here', 'track'],
  ['give money back', 'refund'],
  ['money back again', 'refund'],
  ['back with my money', 'refund'],
  ['zzz', null],
  ['zz zz', null],
]

beforeAll(async () => {
  vectors = await startStub('embeddings')
  words = await startStub('says')
  const embeddings = new EmbeddingsEndpoint(
    { name: 'e', endpoint: vectors.endpoint, model: 'letters', timeoutMs: 10_000 },
    { apiKey: undefined, proxies: noProxies, clock: machineClock },
  )
  const embedded = await embeddings.embed(
    sentences.map(([text]) => text),
    new AbortController().signal,
  )
  await embeddings.close()
  const labels = sentences.map(([, label]) => label)
  head = trainHead(embedded, labels, { embeddings: 'letters', cost: 100 })
})
afterAll(() => Promise.all([vectors.close(), words.close()]))
beforeEach(() => {
  words.behaviour = 'says'
})

const passages = [{ id: 'a#0', text: 'Returns are free.', score: 1, source: { document: 'a', title: 'Returns' } }]
const slots = [{ name: 'order', text: 'A-1', from: 9, to: 12, confidence: 1 }]
const requestOf = (question: string, found: object = {}) => agentRequestSchema.parse({ id: 'q', question, found })
const call = () => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 60_000,
  trace: () => {},
})
const parse = (settings: object) => llmAgent.schema.safeParse(settings)
const create = (settings: { model?: object; head?: object }, bytes = head.encode()) => {
  const model = settings.model && { model: { endpoint: words.endpoint, model: 'm', retries: 0, ...settings.model } }
  const own = settings.head && { head: { endpoint: vectors.endpoint, file: 'h', ...settings.head } }
  const files = new Map([['h', [{ path: 'h', bytes }]]])
  return llmAgent.create(llmAgent.schema.parse({ ...model, ...own }), { ...testResources('agent'), files })
}
const reply = JSON.stringify({ answer: 'It is on its way.' })

describe('llm-agent with a head', () => {
  agentConformance(() => ({ agent: create({ head: {} }), request: requestOf('where is the parcel') }))
})

describe('llm-agent with a model and a head', () => {
  agentConformance(() => {
    words.says = reply
    return { agent: create({ model: {}, head: {} }), request: requestOf('where is the parcel') }
  })
})

describe('a head', () => {
  it('reads the intent of a question, and what is none of those known', async () => {
    const agent = create({ head: {} })
    const read = async (question: string) => (await agent.handle(requestOf(question), call())).found.frame!
    expect(await read('my parcel, where is it')).toMatchObject({ intent: 'track', slots: [] })
    expect((await read('my money back')).intent).toBe('refund')
    expect((await read('zzzz')).intent).toBeNull()
    expect((await read('where is my parcel')).confidence).toBeGreaterThan(0.7)
  })

  it('keeps the slots that others have found', async () => {
    const frame = { intent: 'refund', confidence: 0.1, slots }
    const answer = await new CheckedAgent(create({ head: {} }), machineClock).handle(
      requestOf('where is A-1', { frame }),
      call(),
    )
    expect(answer.found.frame!.slots).toEqual(slots)
  })

  it('is the same when it was saved, and refuses bytes that are others', () => {
    const bytes = head.encode()
    const again = Head.decode(bytes)
    expect(again.description).toEqual(head.description)
    expect([...again.model.weights]).toEqual([...head.model.weights])
    const altered = bytes.slice()
    altered[altered.length - 1]! ^= 1
    expect(() => Head.decode(altered)).toThrow(BundleError)
    expect(() => create({ head: {} }, altered)).toThrow(/sha256.*train it again/s)
  })

  it('reads only vectors of the model that it was trained on', async () => {
    expect(() => create({ head: { model: 'other' } })).toThrow('was trained on vectors of letters, got other')
    const short = trainHead([[1], [2]], ['a', 'b'], { embeddings: 'letters', cost: 1 })
    await expect(create({ head: {} }, short.encode()).handle(requestOf('x'), call())).rejects.toMatchObject({
      ...{ outcome: 'garbage', message: expect.stringContaining('reads vectors of 1 numbers, the endpoint gave 26') },
    })
  })

  it('needs two intents to tell apart', () => {
    const train = () => trainHead([[1], [2]], ['a', 'a'], { embeddings: 'e', cost: 1 })
    expect(train).toThrow(ConfigError)
    expect(train).toThrow('expected sentences of two intents at least, got "a" alone')
  })
})

describe('a model with an interface', () => {
  const output = {
    type: 'object',
    properties: {
      state: { enum: ['here', 'lost'] },
      days: { type: 'integer', minimum: 0 },
      confidence: { type: 'number' },
    },
    required: ['state', 'days'],
    additionalProperties: false,
  }
  const settings = { output, answer: 'It is {state}, for {days} days.', confidence: 0.6 }

  it('is given what its input names, and says what its output has', async () => {
    words.says = JSON.stringify({ state: 'here', days: 2 })
    const input = {
      type: 'object',
      properties: { question: {}, slots: { type: 'object', required: ['order'] }, intent: {}, passages: {} },
      required: ['question', 'slots'],
    }
    const agent = create({
      model: { ...settings, input, instructions: 'Say it.', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 } },
    })
    const frame = { intent: 'track', confidence: 0.9, slots }
    const answer = await new CheckedAgent(agent, machineClock).handle(
      requestOf('where is A-1', { frame, passages }),
      call(),
    )
    expect(answer).toEqual({
      found: { drafts: [{ agent: 'agent', text: 'It is here, for 2 days.', confidence: 0.6, provenance: [] }] },
      ...{ confidence: 0.6, costUsd: 30 / 1e6, provenance: [] },
    })
    const { messages, ...options } = words.last as { messages: { content: string }[] }
    expect(options).toEqual({ model: 'm', temperature: 0, max_tokens: 500, response_format: { type: 'json_object' } })
    expect(messages[0]!.content).toBe(
      `Say it.\nAnswer with JSON alone that fits this JSON Schema: ${JSON.stringify(output)}`,
    )
    expect(JSON.parse(messages[1]!.content)).toEqual({
      question: 'where is A-1',
      slots: { order: 'A-1' },
      intent: 'track',
      passages: [{ number: 1, title: 'Returns', text: 'Returns are free.' }],
    })
  })

  it('is told once what is wrong with its answer', async () => {
    words.says = [
      JSON.stringify({ state: 'gone', days: 2 }),
      JSON.stringify({ state: 'lost', days: 3, confidence: 0.9 }),
    ]
    const { found, confidence } = await create({ model: settings }).handle(requestOf('where'), call())
    expect(found.drafts![0]!.text).toBe('It is lost, for 3 days.')
    expect(confidence).toBe(0.9)
    const { messages } = words.last as { messages: { role: string; content: string }[] }
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
    expect(messages[3]!.content).toMatch(/not the JSON that was asked for: state: .*here.*lost/)
  })

  it('must say what is required, also where the schema does not say what that is', async () => {
    const strict = {
      type: 'object',
      properties: { answer: { type: 'string' }, more: { type: 'object', required: ['why'] } },
      required: ['answer', 'more', 'sure'],
      allOf: [{ required: ['also'] }],
    }
    for (const missing of ['sure', 'also', 'more', 'why']) {
      const whole = { answer: 'Yes.', sure: 1, also: 1, more: { why: 1 } }
      const lacking = missing === 'why' ? { ...whole, more: {} } : { ...whole, [missing]: undefined }
      words.says = [JSON.stringify(lacking), JSON.stringify(whole)]
      await create({ model: { output: strict } }).handle(requestOf('x'), call())
      const { messages } = words.last as { messages: { content: string }[] }
      expect(messages.at(-1)!.content).toContain(`${missing}: `)
    }
  })

  it('fails when its second answer is wrong, too, and says why', async () => {
    const before = words.requests
    words.says = Array.from({ length: 4 }, () => JSON.stringify({ state: 'here', days: -1 }))
    await expect(create({ model: settings }).handle(requestOf('where'), call())).rejects.toMatchObject({
      name: 'AgentFailure',
      outcome: 'garbage',
      message: expect.stringMatching(/gave no JSON as asked for, twice: days: .*>=0/),
    })
    expect(words.requests - before).toBe(2)
  })

  it('is not asked where its input is not there', async () => {
    const input = {
      type: 'object',
      properties: { slots: { type: 'object', required: ['order'] } },
      required: ['slots'],
    }
    const agent = create({ model: { input } })
    expect(agent.card.needs).toEqual(['frame'])
    const before = words.requests
    const frame = { intent: 'track', confidence: 1, slots: [] }
    await expect(agent.handle(requestOf('where', { frame }), call())).rejects.toMatchObject({
      ...{ outcome: 'unfit', message: expect.stringMatching(/can't be given that: slots\.order/) },
    })
    expect(words.requests).toBe(before)
  })

  it('is given what is known, and has its words kept where it may write', async () => {
    words.says = [JSON.stringify({ state: 'lost', days: 3 }), JSON.stringify({ state: 'lost', days: 3 })]
    const input = { type: 'object', properties: { known: { type: 'object' } }, required: ['known'] }
    const agent = create({ model: { ...settings, input, remember: { 'parcel/state': '{state} {days}' } } })
    const known = [{ key: 'slots/order', value: 'A-1', owner: 'rules', source: null }]
    const answer = await agent.handle({ ...requestOf('where'), memory: { known, mayWrite: ['parcel/'] } }, call())
    expect(answer.remember).toEqual([{ key: 'parcel/state', value: 'lost 3', source: null }])
    const { messages } = words.last as { messages: { content: string }[] }
    expect(JSON.parse(messages[1]!.content)).toEqual({ known: { 'slots/order': 'A-1' } })
    await expect(agent.handle(requestOf('where'), call())).rejects.toMatchObject({ outcome: 'unfit' })
    expect(() => create({ model: { ...settings, remember: { mood: '{mood}' } } })).toThrow(/has no property .*mood/)
  })

  it('has nothing to say where its output is empty', async () => {
    words.says = JSON.stringify({ answer: ' ' })
    await expect(create({ model: {} }).handle(requestOf('x'), call())).rejects.toMatchObject({ outcome: 'unfit' })
  })

  it('stands on the citations that hold', async () => {
    words.says = JSON.stringify({
      answer: 'Free.',
      citations: [
        { passage: 1, quote: 'are free' },
        { passage: 1, quote: 'no' },
      ],
    })
    const agent = new CheckedAgent(create({ model: {} }), machineClock)
    const { provenance } = await agent.handle(requestOf('x', { passages }), call())
    expect(provenance).toEqual([{ document: 'a', title: 'Returns', quote: 'are free' }])
  })

  it('is as sure as the head is, at most', async () => {
    words.says = reply
    const { found, confidence } = await create({ model: { confidence: 1 }, head: {} }).handle(
      requestOf('where is my parcel'),
      call(),
    )
    expect(found.frame!.intent).toBe('track')
    expect(confidence).toBe(found.frame!.confidence)
  })
})

describe('an interface that no model can satisfy', () => {
  const object = (properties: object, more: object = {}) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    ...more,
  })
  it.each([
    [{ type: 'array' }, 'output.type', /expected "object".*got "array"/],
    [{}, 'output.type', /got none/],
    [{ type: 'object', properties: { a: { type: 'what' } } }, 'output', /not a JSON Schema that is understood/],
    [
      object({ a: { type: 'number', minimum: 3, maximum: 2 } }),
      'output.properties.a.minimum',
      /at least 3 and at most 2/,
    ],
    [
      object({ a: { type: 'integer', minimum: 0.2, maximum: 0.8 } }),
      'output.properties.a.minimum',
      /nothing is at least/,
    ],
    [object({ a: { type: 'string', minLength: 5, maxLength: 4 } }), 'output.properties.a.minLength', /at least 5/],
    [object({ a: { type: 'string', enum: [1, 2] } }), 'output.properties.a.enum', /no value of it fits/],
    [object({ a: { const: 'x', type: 'number' } }), 'output.properties.a.const', /no value of it fits/],
    [
      object({ a: { type: 'array', minItems: 1, items: { type: 'number', minimum: 1, maximum: 0 } } }),
      'output.properties.a.items.minimum',
      /nothing is/,
    ],
    [
      { type: 'object', properties: {}, required: ['b'], additionalProperties: false },
      'output.required',
      /"b" is required, and no property is called so/,
    ],
  ])('%j: refused at %s', (output, path, message) => {
    const { error } = parse({ model: { endpoint: 'http://127.0.0.1:9/v1', model: 'm', output, answer: 'x' } })
    expect(error!.issues.map((issue) => issue.path.slice(1).join('.'))).toContain(path)
    expect(error!.issues[0]!.message).toMatch(message)
  })

  it.each([
    [{ model: { answer: '{other}' } }, 'model.answer', 'the output has no property "other"; it has answer'],
    [{ model: { input: { type: 'object', properties: { mood: {} } } } }, 'model.input.properties.mood', 'nobody finds'],
    [{}, '', 'expected a model, a head, or both'],
  ])('%j: refused', (settings: { model?: object }, path, message) => {
    const model = settings.model && { endpoint: 'http://127.0.0.1:9/v1', model: 'm', ...settings.model }
    const { error } = parse(model === undefined ? {} : { model })
    expect(error!.issues[0]!.path.join('.')).toBe(path)
    expect(error!.issues[0]!.message).toContain(message)
  })

  it('allows what a property that need not be there wants', () => {
    const output = { type: 'object', properties: { answer: {}, a: { type: 'number', minimum: 3, maximum: 2 } } }
    expect(parse({ model: { endpoint: 'http://127.0.0.1:9/v1', model: 'm', output } }).success).toBe(true)
  })
})
