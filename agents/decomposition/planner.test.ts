import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { type Agent, agentRequestSchema } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { type StubEndpoint, startStub } from '../testing/stub-endpoint.mjs'
import { testResources } from '../testing/test-resources.js'
import { specialists } from './specialists.js'

let stub: StubEndpoint
beforeAll(async () => {
  stub = await startStub('says')
})
afterAll(() => stub.close())

/** What was understood, and answered. */
let heard: string[] = []
const card = { needs: [] as const, repeats: true, longestQuestion: 1e6, summary: 'understands, or answers' }

/** Understands "where" and "cost", and order numbers. */
const understander: Agent = {
  card: { ...card, name: 'u', adds: ['frame'] },
  handle: async ({ question }) => {
    heard.push(question)
    const order = /A-\d+/.exec(question)
    const slots =
      order === null
        ? []
        : [{ name: 'order', text: order[0], from: order.index, to: order.index + order[0].length, confidence: 1 }]
    const intent = /where/i.test(question) ? 'track' : /cost/i.test(question) ? 'price' : null
    return { found: { frame: { intent, confidence: 1, slots } }, confidence: 1, costUsd: 0.25, provenance: [] }
  },
}
const speaker = (name: string): Agent => ({
  card: { ...card, name, adds: ['drafts'] },
  handle: async ({ question, found }) => {
    const order = found.frame!.slots.find((slot) => slot.name === 'order')?.text ?? 'nothing'
    const drafts = [{ agent: name, text: `${name}: ${order}.`, confidence: 1, provenance: [] }]
    heard.push(`${name} ${question}`)
    return { found: { drafts }, confidence: 1, costUsd: 0, provenance: [] }
  },
})

const make = (planner: object = {}, more: object = {}) => {
  const made: Record<string, Agent> = {
    orders: speaker('orders'),
    products: speaker('products'),
    understand: understander,
  }
  const config = specialists.schema.parse({
    agents: { orders: { types: ['track'], use: 'x' }, products: { types: ['price'], use: 'x' } },
    understand: { use: 'x' },
    planner: { endpoint: stub.endpoint, model: 'm', retries: 0, ...planner },
    ...more,
  })
  return specialists.create(config, { ...testResources('desk'), make: (path) => made[String(path.at(-1))]! })
}
const request = (question: string) =>
  agentRequestSchema.parse({ id: 'q', question, found: { frame: { intent: 'track', confidence: 1, slots: [] } } })

const ask = async (question: string, desk = make(), more: object = {}) => {
  const events: string[] = []
  const answer = await new CheckedAgent(desk, machineClock).handle(request(question), {
    signal: new AbortController().signal,
    deadline: machineClock.elapsedMs() + 10_000,
    trace: (event) => void events.push(event),
    ...more,
  })
  await desk.close?.()
  return { answer, text: answer.found.drafts![0]!.text, events }
}

/** Rules leave this whole: nothing that they know joins its parts. */
const both = 'where is A-1001, its cost'
const plan = (...parts: string[]) => JSON.stringify({ parts })
const asked = () => (stub.last as { messages: { role: string; content: string }[] }).messages

describe('specialists with a planner', () => {
  beforeEach(() => {
    stub.behaviour = 'says'
    heard = []
  })

  describe('are agents', () => {
    agentConformance(() => {
      stub.says = plan('where is A-1001', 'its cost')
      return { agent: make(), request: request(both) }
    })
  })

  it('work on the parts that it finds, and count what it costs', async () => {
    stub.says = plan('where is A-1001', 'what does A-1001 cost')
    const before = stub.requests
    const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }
    const { text, answer } = await ask(both, make({ price }))
    expect(text).toBe('orders: A-1001. products: A-1001.')
    // Two parts understood, 10 tokens read and 2 written.
    expect(answer.costUsd).toBeCloseTo(0.5 + 30 / 1e6, 12)
    expect(stub.requests - before).toBe(1)
    expect(asked()[1]).toEqual({ role: 'user', content: both })
    expect(asked()[0]!.content).toMatch(/at most 4 parts/)
  })

  it('lend a part what only another part names', async () => {
    stub.says = plan('where is A-1001', 'its cost')
    expect((await ask(both)).text).toBe('orders: A-1001. products: A-1001.')
  })

  it('take its word that a request is one', async () => {
    stub.says = plan('where is it and what does it cost')
    const { text } = await ask('where is order A-1001 and what does it cost now')
    expect(text).toBe('orders: nothing.')
    // Nothing was understood anew, and the request went on as it is.
    expect(heard).toEqual(['orders where is order A-1001 and what does it cost now'])
  })

  it('send back once what is no list of parts, or too long a one', async () => {
    stub.says = [plan('a', 'b', 'c'), plan('where is A-1001', 'its cost')]
    expect((await ask(both, make({}, { mostParts: 2 }))).text).toBe('orders: A-1001. products: A-1001.')
    expect(asked().at(-1)!.content).toMatch(/not the JSON that was asked for: parts/)
  })

  const ruled = 'where is order A-1001 and what does the lamp cost'
  it.each<[string, string | string[], string, object]>([
    ['says no JSON twice', ['hm', 'hm'], 'says', {}],
    ['is down', '', '500', {}],
    ['takes too long', '', 'hang', { timeoutMs: 30 }],
    ['names what the request does not', plan('where is A-1001', 'what does A-2002 cost'), 'says', {}],
    ['finds what nobody understands', plan('where is A-1001', 'sing a song'), 'says', {}],
  ])('split by rules where it %s', async (_, says, behaviour, planner) => {
    stub.says = says
    stub.behaviour = behaviour
    const { text, events } = await ask(ruled, make(planner))
    expect(text).toBe('orders: A-1001. products: A-1001.')
    expect(events.some((event) => event === 'not planned' || event === 'plan refused')).toBe(true)
  })

  it('tell it the gateways that the question has come through, so that loops end', async () => {
    stub.says = plan('where is A-1001')
    await ask(both, make(), { hops: ['g1', 'g2'] })
    expect(stub.headers['x-cadre-hops']).toEqual(['g1, g2'])
  })

  it('give up with their call, whatever it says', async () => {
    stub.behaviour = 'hang'
    const gone = new AbortController()
    const desk = make()
    const events: string[] = []
    const answer = desk.handle(request(both), {
      ...{ signal: gone.signal, deadline: machineClock.elapsedMs() + 10_000 },
      trace: (event) => void events.push(event),
    })
    setImmediate(() => gone.abort())
    await expect(answer).rejects.toMatchObject({ outcome: 'aborted' })
    expect([heard, events.filter((event) => event === 'not planned')]).toEqual([[], []])
    await desk.close?.()
  })

  it('are refused where nobody understands the parts', () => {
    const parsed = specialists.schema.safeParse({
      agents: { orders: { types: ['track'], use: 'x' } },
      planner: { endpoint: stub.endpoint, model: 'm' },
    })
    expect(parsed.error!.issues).toMatchObject([
      { path: ['planner'], message: 'somebody must understand the parts that it finds; add understand' },
    ])
  })
})
