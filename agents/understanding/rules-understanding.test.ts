import { describe, expect, it } from 'vitest'
import { agentRequestSchema } from '../contract/agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { fitsOutline } from './outline.js'
import { RulesUnderstanding } from './rules-understanding.js'
import { understandingRulesSchema } from './understanding-rules.js'

const rules = understandingRulesSchema.parse({
  intents: [
    { intent: 'track', patterns: ['where is ... order', 'track {order}', 'order|parcel ... late|lost'] },
    { intent: 'return', patterns: ['return ... {product}', 'send back'], confidence: 0.8 },
    { intent: 'greet', patterns: ['hello|hi'], confidence: 0.6 },
  ],
  slots: [
    { slot: 'order', shape: 'x-0000*' },
    { slot: 'product', words: ['desk lamp', 'lamp', 'café table'], confidence: 0.95 },
  ],
  none: { confidence: 0.4 },
})
const agent = new RulesUnderstanding(rules)
const request = agentRequestSchema.parse({ id: 'q', question: 'Hi, where is my order A-1234?' })

describe('the agent with rules', () => {
  agentConformance(() => ({ agent, request }))
})

describe('rules', () => {
  it('take the intent whose pattern says most, and all slots', () => {
    expect(agent.frame('Hi, where is my order A-1234?')).toEqual({
      intent: 'track',
      confidence: 0.9,
      slots: [{ name: 'order', text: 'A-1234', from: 22, to: 28, confidence: 0.9 }],
    })
  })

  it.each([
    ['I want to return the DESK LAMP', 'return', ['desk lamp']],
    ['send back', 'return', []],
    ['My parcel from a-99123 is late', 'track', ['a-99123']],
    ['late is my parcel', null, []],
    ['track B-1000', 'track', ['b-1000']],
    ['track my lamp', null, []],
    ['a Cafe\u0301 table? Hello!', 'greet', ['café table']],
    ["where's my order", null, []],
    ['where is order', 'track', []],
    ['tell me a joke', null, []],
  ])('read %j as %s', (question, intent, slots) => {
    const frame = agent.frame(question)
    expect(frame.intent).toBe(intent)
    expect(frame.slots.map(({ text }) => text.toLowerCase().normalize('NFC'))).toEqual(slots)
    if (intent === null) expect(frame.confidence).toBe(0.4)
  })

  it.each([
    ['track {ordr}', /intents\.0\.patterns\.0: unknown slot "ordr" \(known: none\)/],
    ['...', /holds no word; it would fit everything/],
    ['?!', /holds no word/],
    ["it's|is", /"it's\|is": expected one word on each side of \|/],
  ])('are refused with the pattern %j', (pattern, message) => {
    const bad = understandingRulesSchema.parse({ intents: [{ intent: 'i', patterns: [pattern] }] })
    expect(() => new RulesUnderstanding(bad)).toThrow(message)
  })

  it('take no time that grows with the square of the question', () => {
    const many = understandingRulesSchema.parse({ intents: [{ intent: 'i', patterns: ['a ... a ... a ... a ... b'] }] })
    expect(new RulesUnderstanding(many).frame('a '.repeat(1900)).intent).toBeNull()
  })
})

describe('an outline', () => {
  it.each([
    ['x-0000*', 'A-123', true],
    ['x-0000*', 'A-12', false],
    ['x-0000*', 'AB-123', false],
    ['00*', '7', true],
    ['00*', '', false],
    ['xx*00*', 'Abc12', true],
    ['xx*00*', '12', false],
    ['a*b', 'aaab', true],
    ['A*', 'aa', true],
    ['x*x*x*x*x*x*x*0', `${'a'.repeat(3000)}`, false],
  ])('%s and %s', (outline, word, fits) => {
    expect(fitsOutline(word, outline)).toBe(fits)
  })
})
