import { describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { agentRequestSchema } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { RecordBook } from './record-book.js'
import { records } from './records.js'

const orders = JSON.stringify([
  { number: 'A-1001', status: 'on its way', total: 54.8, gift: false },
  { number: 'A-1008', status: 'delivered', total: 10, gift: true, left: 'at the door' },
])
const settings = records.schema.parse({
  file: 'orders.json',
  key: 'number',
  slot: 'order',
  answers: { track: 'Order {number} is {status}.', total: 'It comes to {total} EUR.', odd: 'It is {left}.' },
})
const agent = () => records.create(settings, testResources('orders', { 'orders.json': orders }))
const asked = (intent: string | null, order: string | null, confidence = 1) => {
  const question = `where is ${order ?? 'it'}`
  const slots = order === null ? [] : [{ name: 'order', text: order, from: 9, to: 9 + order.length, confidence: 1 }]
  return agentRequestSchema.parse({ id: 'q', question, found: { frame: { intent, confidence, slots } } })
}
const call = () => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 10_000,
  trace: () => {},
})
const outcome = (request: ReturnType<typeof asked>) =>
  new CheckedAgent(agent(), machineClock).handle(request, call()).catch((error: Error) => error.message)

describe('records', () => {
  agentConformance(() => ({ agent: agent(), request: asked('track', 'A-1001') }))

  it('answers from the record, however its key is written, and quotes each field that it tells', async () => {
    const source = { document: 'orders.json#A-1001', title: 'A-1001' }
    for (const order of ['A-1001', 'a 1001', 'a1001']) {
      expect(await outcome(asked('track', order, 0.81))).toMatchObject({
        confidence: 0.95 * 0.9,
        found: { drafts: [{ agent: 'orders', text: 'Order A-1001 is on its way.' }] },
        provenance: [
          { ...source, quote: 'number: A-1001' },
          { ...source, quote: 'status: on its way' },
        ],
      })
    }
    expect(await outcome(asked('total', 'A-1008'))).toMatchObject({
      found: { drafts: [{ text: 'It comes to 10 EUR.' }] },
    })
  })

  it('knows from earlier questions what this one does not name', async () => {
    const fact = { key: 'slots/order', value: 'A-1008', owner: 'understand', source: null }
    const memory = { known: [fact], mayWrite: [] }
    const textOf = async (order: string | null) => {
      const answer = await outcome({ ...asked('track', order), memory })
      return typeof answer === 'string' ? answer : answer.found.drafts![0]!.text
    }
    expect(await textOf(null)).toBe('Order A-1008 is delivered.')
    expect(await textOf('A-1001')).toBe('Order A-1001 is on its way.')
  })

  it.each([
    ['refund', 'A-1001', /answers track, total, odd/],
    [null, 'A-1001', /answers track/],
    ['track', null, /needs the order, which the question lacks/],
    ['track', 'A-7777', /has no order "A-7777"/],
    ['odd', 'A-1001', /the record of "A-1001" has no left/],
  ])('fails clearly: %s of %s', async (intent, order, message) => {
    expect(await outcome(asked(intent, order))).toMatch(message)
  })

  it.each([
    ['{', /orders\.json: expected JSON/],
    ['{}', /expected a list of records, got object/],
    ['[1]', /record 1: expected an object/],
    ['[{"number":"A-1","parts":[]}]', /record 1: parts: expected a text or a number/],
    ['[{"number":"A-1"},{"id":"A-2"}]', /record 2: it has no field "number"/],
    ['[{"number":"A-1"},{"number":"a 1"}]', /record 2: number "a 1" is there twice/],
  ])('refuses the book %s', (text, message) => {
    expect(() => RecordBook.parse('orders.json', new TextEncoder().encode(text), 'number')).toThrow(message)
  })

  it('refuses an answer with a field that no record has', () => {
    const wrong = { file: 'orders.json', key: 'number', slot: 'order', answers: { odd: 'It is {missing}.' } }
    expect(() =>
      records.create(records.schema.parse(wrong), testResources('orders', { 'orders.json': orders })),
    ).toThrow(/^answers\.odd: unknown field "missing"/)
  })

  it('refuses a book that is no text', () => {
    expect(() => RecordBook.parse('orders.json', Uint8Array.of(0xff, 0xfe), 'number')).toThrow(/expected JSON/)
  })
})
