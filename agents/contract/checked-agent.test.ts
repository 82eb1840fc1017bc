import { describe, expect, it } from 'vitest'
import { AgentFailure } from '../client/agent-failure.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { GivenClock } from '../testing/given-clock.js'
import { type Agent, type AgentAnswer, agentRequestSchema, type Call } from './agent.js'
import { CheckedAgent } from './checked-agent.js'

const source = { document: 'd1', title: 'Returns' }
const passage = { id: 'd1#0', text: 'Returns are free within 30 days.', score: 1, source }
const request = agentRequestSchema.parse({ id: 'q', question: 'Are returns free?', found: { passages: [passage] } })

/** Answers with a quote, or with what a test gives. */
const quoting = (given: (call: Call) => unknown = () => answerWith({ document: 'd1', quote: 'free' })): Agent => ({
  card: {
    name: 'quoter',
    summary: 'quotes the passage that it is given',
    adds: ['drafts'],
    needs: ['passages'],
    repeats: true,
    longestQuestion: 10_000,
  },
  handle: async (_, call) => {
    if (call.signal.aborted) throw new AgentFailure('aborted', 'quoter was given up')
    return given(call) as AgentAnswer
  },
})

function answerWith(provenance: object, more: object = {}): unknown {
  const drafts = [{ agent: 'quoter', text: 'free', confidence: 0.7, provenance: [provenance] }]
  return { found: { drafts }, confidence: 0.7, costUsd: 0, provenance: [provenance], ...more }
}

describe('an agent of the suite', () => {
  agentConformance(() => ({ agent: quoting(), request }))
})

describe('an agent that is held to its contract', () => {
  const clock = new GivenClock()
  const call = (more: Partial<Call> = {}): Call => ({
    signal: new AbortController().signal,
    deadline: clock.elapsedMs() + 1000,
    trace: () => {},
    ...more,
  })
  const outcomeOf = (agent: Agent, asked = request, how = call()) =>
    new CheckedAgent(agent, clock).handle(asked, how).then(
      () => 'answered',
      (failure: AgentFailure) => `${failure.outcome}: ${failure.message}`,
    )

  it('answers where all is well', async () => {
    expect(await outcomeOf(quoting())).toBe('answered')
  })

  it.each([
    ['no shape', () => ({ text: 'hi' }), /garbage: quoter answered with something else/],
    ['a confidence above 1', () => answerWith({ document: 'd1' }, { confidence: 1.2 }), /confidence: .*<=1/],
    ['a negative price', () => answerWith({ document: 'd1' }, { costUsd: -1 }), /costUsd/],
    ['a source that nobody found', () => answerWith({ document: 'd2' }), /source that nobody found: d2/],
    [
      'a fact that it may not write',
      () => answerWith({ document: 'd1' }, { remember: [{ key: 'order/state', value: 'sent' }] }),
      /garbage: quoter may not write "order\/state"; it may write nothing/,
    ],
    ['a quote that is not there', () => answerWith({ document: 'd1', quote: 'never' }), /quotes what d1 does not say/],
    [
      'a slot elsewhere',
      () => ({
        ...(answerWith({ document: 'd1' }) as object),
        found: {
          frame: { intent: 'x', confidence: 1, slots: [{ name: 's', text: 'free', from: 0, to: 4, confidence: 1 }] },
        },
      }),
      /slot "s" where the question does not have it/,
    ],
    [
      'an exception',
      () => {
        throw new Error('no memory')
      },
      /server-error: quoter failed: no memory/,
    ],
  ])('refuses %s', async (_, given, message) => {
    expect(await outcomeOf(quoting(given))).toMatch(message)
  })

  it('writes within its scopes what stands on what was found', async () => {
    const remembering = (key: string, source: object | null) =>
      quoting(() => answerWith({ document: 'd1' }, { remember: [{ key, value: 'sent', source }] }))
    const asked = { ...request, memory: { known: [], mayWrite: ['order/'] } }
    expect(await outcomeOf(remembering('order/state', null), asked)).toBe('answered')
    expect(await outcomeOf(remembering('order/state', { document: 'd1', quote: 'free' }), asked)).toBe('answered')
    expect(await outcomeOf(remembering('orders', null), asked)).toMatch(/may not write "orders"; it may write order\//)
    expect(await outcomeOf(remembering('order/state', { document: 'd2' }), asked)).toMatch(/nobody found: d2/)
  })

  it('waits until the deadline and no longer, and lets the agent know', async () => {
    let own: AbortSignal | undefined
    const agent: Agent = { ...quoting(), handle: (_, { signal }) => new Promise(() => (own = signal)) }
    const outcome = outcomeOf(agent)
    clock.pass(999)
    expect(own!.aborted).toBe(false)
    clock.pass(1)
    expect(await outcome).toMatch(/timeout: quoter did not answer within 1000 ms/)
    expect(own!.aborted).toBe(true)
  })

  it('is not asked too late, in vain, too much, or without what it needs', async () => {
    const agent = { ...quoting(), handle: () => Promise.reject(new Error('asked')) }
    const gone = AbortSignal.abort()
    expect(await outcomeOf(agent, request, call({ signal: gone }))).toMatch(/^aborted/)
    expect(await outcomeOf(agent, request, call({ deadline: clock.elapsedMs() }))).toMatch(/^timeout.*has passed/)
    expect(await outcomeOf(agent, { ...request, question: 'a'.repeat(10_001) })).toMatch(/at most 10000.*got 10001/)
    expect(await outcomeOf(agent, { ...request, found: {} })).toMatch(/needs passages, which nobody has found/)
  })

  it('is given up while it works', async () => {
    const leaving = new AbortController()
    const agent: Agent = { ...quoting(), handle: () => new Promise(() => {}) }
    const outcome = outcomeOf(agent, request, call({ signal: leaving.signal }))
    leaving.abort()
    expect(await outcome).toMatch(/^aborted/)
  })
})
