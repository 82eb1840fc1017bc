import { describe, expect, it } from 'vitest'
import { AgentFailure } from '../client/agent-failure.js'
import { machineClock } from '../client/clock.js'
import { type Agent, agentRequestSchema } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { specialists } from './specialists.js'
import { splitRequest } from './split-request.js'

describe('parts of a request', () => {
  it.each([
    ['where is A-1001', ['where is A-1001']],
    ['where is my order A-1001 and how much is the kettle', ['where is my order A-1001', 'how much is the kettle']],
    ['Where is A-1001? How much is the kettle?', ['Where is A-1001?', 'How much is the kettle?']],
    ['Where is A-1001? Please.', ['Where is A-1001? Please.']],
    ['Hello! Where is A-1001?', ['Hello! Where is A-1001?']],
    ['does it come in black and white', ['does it come in black and white']],
    [
      'track my order A-1, and also tell me the price\nis it in stock',
      ['track my order A-1', 'tell me the price', 'is it in stock'],
    ],
    ['???', ['???']],
    ['  ', ['  ']],
  ])('%j', (request, parts) => {
    expect(splitRequest(request)).toEqual(parts)
  })
})

/** Understands "where" and "much", and order numbers. */
const understander: Agent = {
  card: {
    name: 'u',
    summary: 'understands two words',
    adds: ['frame'],
    needs: [],
    repeats: true,
    longestQuestion: 1e6,
  },
  handle: async ({ question }) => {
    const order = /A-\d+/.exec(question)
    const slots =
      order === null
        ? []
        : [{ name: 'order', text: order[0], from: order.index, to: order.index + order[0].length, confidence: 1 }]
    const intent = /where/i.test(question) ? 'track' : /much/i.test(question) ? 'price' : null
    return { found: { frame: { intent, confidence: 1, slots } }, confidence: 1, costUsd: 0, provenance: [] }
  },
}

let working = 0
let atOnce = 0
/** Says who it is and what it was asked, after others have begun. */
const speaker = (name: string, confidence: number, fails = false): Agent => ({
  card: {
    name,
    summary: 'says what it was asked',
    adds: ['passages', 'drafts'],
    needs: ['frame'],
    repeats: true,
    longestQuestion: 1e6,
  },
  handle: async ({ found, memory }, { signal }) => {
    if (signal.aborted) throw new AgentFailure('aborted', 'given up')
    atOnce = Math.max(atOnce, ++working)
    await new Promise((done) => setImmediate(done))
    working--
    if (fails) throw new AgentFailure('connection', `${name} is dead`)
    const source = { document: `${name}.json`, quote: 'yes' }
    const passage = { id: name, text: 'yes', score: 1, source: { document: `${name}.json` } }
    const order = found.frame!.slots.find((slot) => slot.name === 'order')?.text ?? 'nothing'
    return {
      found: {
        passages: [passage],
        drafts: [{ agent: name, text: `${name}: ${order}.`, confidence, provenance: [source] }],
      },
      ...(memory === undefined ? {} : { remember: [{ key: `last/${name}`, value: order, source: null }] }),
      confidence,
      costUsd: 0.5,
      provenance: [source],
    }
  },
})

function team(members: Record<string, Agent>) {
  const made: Record<string, Agent> = { ...members, understand: understander }
  return specialists.create(
    specialists.schema.parse({
      agents: { orders: { types: ['track'], use: 'x' }, products: { types: ['price'], use: 'x' } },
      understand: { use: 'x' },
    }),
    { ...testResources('desk'), make: (path) => made[String(path.at(-1))]! },
  )
}
const call = () => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 10_000,
  trace: () => {},
})

async function ask(
  question: string,
  members: Record<string, Agent> = { orders: speaker('orders', 0.9), products: speaker('products', 0.6) },
) {
  const { found } = await understander.handle(agentRequestSchema.parse({ id: 'q', question }), call())
  return new CheckedAgent(team(members), machineClock).handle(
    agentRequestSchema.parse({ id: 'q', question, found }),
    call(),
  )
}

describe('specialists', () => {
  agentConformance(() => {
    const frame = { intent: 'track', confidence: 1, slots: [] }
    const request = agentRequestSchema.parse({ id: 'q', question: 'where is it', found: { frame } })
    return { agent: team({ orders: speaker('orders', 0.9), products: speaker('products', 0.6) }), request }
  })

  it('gives a request to the one who serves its intent', async () => {
    expect((await ask('where is A-1001')).found.drafts).toMatchObject([{ agent: 'orders', text: 'orders: A-1001.' }])
    await expect(ask('what is this')).rejects.toMatchObject({ outcome: 'unfit' })
  })

  it('has the parts of a request worked on side by side, and is as sure as the least sure answer', async () => {
    atOnce = 0
    const answer = await ask('where is order A-1001 and how much is the kettle')
    expect(atOnce).toBe(2)
    expect(answer.found.drafts).toMatchObject([
      { agent: 'desk', text: 'orders: A-1001. products: A-1001.', confidence: 0.6 },
    ])
    expect(answer).toMatchObject({ confidence: 0.6, costUsd: 1 })
    expect(answer.provenance.map(({ document }) => document)).toEqual(['orders.json', 'products.json'])
  })

  it('has the conversation keep what the parts say', async () => {
    const question = 'where is order A-1001 and how much is the kettle'
    const memory = { known: [], mayWrite: ['last/'] }
    const { found } = await understander.handle(agentRequestSchema.parse({ id: 'q', question }), call())
    const agent = new CheckedAgent(
      team({ orders: speaker('orders', 0.9), products: speaker('products', 0.6) }),
      machineClock,
    )
    const answer = await agent.handle(agentRequestSchema.parse({ id: 'q', question, found, memory }), call())
    expect(answer.remember?.map(({ key }) => key)).toEqual(['last/orders', 'last/products'])
  })

  it('asks nobody where a part has nobody: no answer is lost, and nothing breaks later', async () => {
    let asked = 0
    const orders = speaker('orders', 0.9, true)
    const counted: Agent = {
      ...orders,
      handle: (request, own) => {
        asked++
        return orders.handle(request, own)
      },
    }
    const made: Record<string, Agent> = { orders: counted, understand: understander }
    const alone = specialists.create(
      specialists.schema.parse({ agents: { orders: { types: ['track'], use: 'x' } }, understand: { use: 'x' } }),
      { ...testResources('desk'), make: (path) => made[String(path.at(-1))]! },
    )
    const question = 'where is order A-1001 and how much is the kettle'
    const { found } = await understander.handle(agentRequestSchema.parse({ id: 'q', question }), call())
    const request = agentRequestSchema.parse({ id: 'q', question, found })
    await expect(alone.handle(request, call())).rejects.toMatchObject({ outcome: 'unfit' })
    expect(asked).toBe(0)
    // What is rejected and heard by nobody would end the process by now.
    await new Promise((done) => setTimeout(done, 5))
  })

  it('lends a part what only another part names', async () => {
    const answer = await ask('where is my parcel? how much was A-1008?')
    expect(answer.found.drafts![0]!.text).toBe('orders: A-1008. products: A-1008.')
  })

  it('takes parts of one intent, or of none, for one request', async () => {
    expect((await ask('where is A-1001 and where is it now')).found.drafts).toHaveLength(1)
    expect((await ask('where is A-1001 and thank you very kindly')).found.drafts).toMatchObject([{ agent: 'orders' }])
  })

  it('fails where a part has no answer: half of one would look whole', async () => {
    const members = { orders: speaker('orders', 0.9), products: speaker('products', 0.6, true) }
    await expect(ask('where is order A-1001 and how much is the kettle', members)).rejects.toMatchObject({
      outcome: 'connection',
    })
  })
})
