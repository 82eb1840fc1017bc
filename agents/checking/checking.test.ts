import { describe, expect, it } from 'vitest'
import { agentRequestSchema, type Draft } from '../contract/agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { checker, confidenceIn } from './checker.js'
import { keep } from './keep.js'
import { mergeDrafts } from './merge-drafts.js'
import { contentWords, wordF1, wordsIn } from './same-words.js'

const source = { document: 'returns.md' }
const passage = { id: 'returns.md#0', text: 'Returns are free within 30 days of delivery.', score: 2, source }
const draft = (agent: string, text: string, confidence: number): Draft => ({
  agent,
  text,
  confidence,
  provenance: [source],
})
const drafts = [draft('span', 'within 30 days', 0.6), draft('model', '30 days', 0.5)]
const request = agentRequestSchema.parse({ id: 'q', question: 'How long?', found: { passages: [passage], drafts } })
const resources = testResources('check')

describe('keep', () => {
  agentConformance(() => ({ agent: keep.create({}, resources), request }))
})

describe('checker', () => {
  agentConformance(() => ({ agent: checker.create(checker.schema.parse({}), resources), request }))
})

describe('words of answers', () => {
  it('are compared without case, articles and signs', () => {
    expect(contentWords('The Tower, of a “London”!')).toEqual(['tower', 'of', 'london'])
    // 2 of 3 and 2 of 2 words shared: 2 * 2 / 5.
    expect(wordF1('within 30 days', '30 days')).toBeCloseTo(0.8, 12)
    expect(wordF1('30 30', '30')).toBeCloseTo(2 / 3, 12)
    expect([wordF1('', ''), wordF1('', 'x'), wordF1('the', 'an')]).toEqual([1, 0, 1])
    expect(wordsIn('free within ten days', [passage.text])).toBe(0.75)
    expect(wordsIn('', [passage.text])).toBe(0)
  })
})

describe('several answers', () => {
  const three = [draft('a', 'Paris', 0.5), draft('b', 'Lyon', 0.6), draft('c', 'the paris', 0.4)]
  it('give the most confident, the one most say, or all that differ', () => {
    expect(mergeDrafts(three, 'best')).toMatchObject({ agent: 'b', confidence: 0.6 })
    const vote = mergeDrafts(three, 'vote')
    expect(vote).toMatchObject({ agent: 'a', text: 'Paris', provenance: [source] })
    // Both wrong with .5 * .6 = .3; .9 of 1.5 of all confidence.
    expect(vote.confidence).toBeCloseTo(0.7 * 0.6, 12)
    const all = mergeDrafts(three, 'concatenate')
    expect(all).toMatchObject({ agent: 'a+b', text: 'Paris\n\nLyon', confidence: 0.5, provenance: [source] })
  })
})

describe('confidence in an answer', () => {
  const config = { merge: 'best', unsupported: 0.3, agreement: 0.5 } as const
  it('falls with words that no passage has', () => {
    expect(confidenceIn(draft('x', 'free delivery', 0.8), [], [passage], config)).toBeCloseTo(0.8, 12)
    expect(confidenceIn(draft('x', 'ninety weeks', 0.8), [], [passage], config)).toBeCloseTo(0.24, 12)
    expect(confidenceIn(draft('x', 'free weeks', 0.8), [], [passage], config)).toBeCloseTo(0.8 * 0.65, 12)
    expect(confidenceIn(draft('x', 'ninety weeks', 0.8), [], [], config)).toBe(0.8)
  })

  it('rises where another says the same, and falls where it differs', () => {
    const own = drafts[0]!
    // F1 .8: half of .6 of the way to 1.
    expect(confidenceIn(own, drafts, [passage], config)).toBeCloseTo(0.6 + 0.3 * 0.4, 12)
    const others = [own, draft('y', 'never', 0.9)]
    expect(confidenceIn(own, others, [passage], config)).toBeCloseTo(0.6 - 0.5 * 0.6, 12)
  })
})
