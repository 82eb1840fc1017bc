import { describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { agentRequestSchema } from '../contract/agent.js'
import type { Fact } from '../contract/memory.js'
import { testResources } from '../testing/test-resources.js'
import { understandingRules } from './entries.js'

const agent = understandingRules.create(
  understandingRules.schema.parse({
    intents: [{ intent: 'track', patterns: ['where'] }],
    slots: [
      { slot: 'order', shape: 'x-0000' },
      { slot: 'city', words: ['Lyon'] },
    ],
    needs: { track: ['order'] },
  }),
  testResources('rules'),
)
const continuing = understandingRules.create(
  understandingRules.schema.parse({
    intents: [
      { intent: 'track', patterns: ['where'] },
      { intent: 'cancel', patterns: ['cancel'], confidence: 0.6 },
    ],
    slots: [{ slot: 'order', shape: 'x-0000' }],
    continues: 0.8,
  }),
  testResources('rules'),
)
const call = () => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 10_000,
  trace: () => {},
})
const ask = (question: string, memory?: { known: Fact[]; mayWrite: string[] }, asked = agent) =>
  asked.handle(agentRequestSchema.parse({ id: 'q', question, memory }), call())
const fact = { key: 'slots/order', value: 'A-1001', owner: 'rules', source: null }

describe('what a question names', () => {
  it('is remembered, as far as the agent may', async () => {
    const all = await ask('where is A-1001 in Lyon', { known: [], mayWrite: ['slots/'] })
    expect(all.remember).toEqual([
      { key: 'slots/order', value: 'A-1001', source: null },
      { key: 'slots/city', value: 'Lyon', source: null },
    ])
    const city = await ask('where is A-1001 in Lyon', { known: [], mayWrite: ['slots/city'] })
    expect(city.remember!.map(({ key }) => key)).toEqual(['slots/city'])
    expect((await ask('where is A-1001')).remember).toBeUndefined()
  })

  it('is known to the next one: it lacks no slot', async () => {
    const named = (await ask('where is A-1001')).confidence
    const lacking = (await ask('where is it')).confidence
    const known = (await ask('where is it', { known: [fact], mayWrite: [] })).confidence
    const other = (await ask('where is it', { known: [{ ...fact, key: 'slots/city' }], mayWrite: [] })).confidence
    expect(lacking).toBeLessThan(0.3 * named)
    expect(known).toBeCloseTo(5 * lacking, 12)
    expect(other).toBe(lacking)
  })
})

describe('what a procedure has asked for', () => {
  const open = { key: 'procedure/open', value: 'return', owner: 'desk', source: null }
  const memory = { known: [open], mayWrite: ['slots/'] }

  it('is read as part of it, where nothing else is as sure', async () => {
    const answer = await ask('A-1001 please', memory, continuing)
    expect(answer.confidence).toBe(0.8)
    expect(answer.found.frame).toMatchObject({
      intent: 'return',
      confidence: 0.8,
      slots: [{ name: 'order', text: 'A-1001' }],
    })
    expect(answer.remember).toEqual([{ key: 'slots/order', value: 'A-1001', source: null }])
    expect((await ask('cancel A-1001', memory, continuing)).found.frame!.intent).toBe('return')
    expect((await ask('where is A-1001', memory, continuing)).found.frame!.intent).toBe('track')
  })

  it('is nothing where nobody asked, or where the agent is not set so', async () => {
    expect((await ask('A-1001 please', { known: [], mayWrite: [] }, continuing)).found.frame!.intent).toBeNull()
    expect((await ask('A-1001 please', memory)).found.frame!.intent).toBeNull()
  })
})
