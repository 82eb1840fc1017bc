import { describe, expect, it } from 'vitest'
import { AgentFailure } from '../client/agent-failure.js'
import { machineClock } from '../client/clock.js'
import { agentRequestSchema } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { local } from './local.js'
import type { LocalModel } from './local-model.js'

const source = { document: 'returns.md', title: 'Returns', from: 100 }
const passages = [
  { id: 'r', text: 'Returns are free within 30 days.', score: 2, source },
  { id: 'p', text: 'A parcel takes two days.', score: 1, source: { document: 'parcels.md' } },
]
const request = agentRequestSchema.parse({ id: 'q', question: 'Are returns free?', found: { passages } })
const call = () => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 10_000,
  trace: () => {},
})

/** A model that says this, and what it was asked. */
function saying(text: string, more: object = {}) {
  const asked: Parameters<LocalModel['complete']>[] = []
  let closed = 0
  const complete: LocalModel['complete'] = async (...given) => {
    if (given[1].signal.aborted) throw new AgentFailure('aborted', 'given up')
    asked.push(given)
    return text
  }
  const agent = local.create(local.schema.parse({ file: 'm.gguf', ...more }), {
    ...testResources('local'),
    localModel: () => ({ complete, close: async () => void closed++ }),
  })
  return { agent: new CheckedAgent(agent, machineClock), asked, closed: () => closed }
}

describe('local', () => {
  agentConformance(() => ({ agent: saying('within 30 days').agent, request }))

  it('is given the best passages and the question', async () => {
    const { agent, asked } = saying('free', { read: 2, instructions: 'Be brief.', maxTokens: 9, temperature: 0.5 })
    await agent.handle(request, call())
    expect(asked[0]).toMatchObject([
      {
        system: 'Be brief.',
        user: 'Passage: Returns are free within 30 days.\n\nA parcel takes two days.\n\nQuestion: Are returns free?',
      },
      { maxTokens: 9, temperature: 0.5 },
    ])
    expect(agent.card.repeats).toBe(false)
    const one = saying('free')
    await one.agent.handle(request, call())
    expect(one.asked[0]![0].user).not.toContain('parcel')
    expect(one.agent.card.repeats).toBe(true)
  })

  it('reads no more than its context holds', async () => {
    const { agent, asked } = saying('so', { contextTokens: 256 })
    const long = [{ ...passages[0]!, text: 'so '.repeat(10_000) }]
    await agent.handle({ ...request, found: { passages: long } }, call())
    expect(asked[0]![0].user.length).toBeLessThan(2 * 256 + 100)
  })

  it('names a source where its words stand there, and none where they do not', async () => {
    const answer = await saying(' within 30 days. ').agent.handle(request, call())
    const { from: _, ...place } = source
    expect(answer.provenance).toEqual([{ ...place, from: 117, to: 131, quote: 'within 30 days' }])
    expect(answer.found.drafts![0]!.text).toBe('within 30 days.')
    expect(answer.confidence).toBeCloseTo(0.5, 12)
    // Two of three words stand in the passage, not beside each other.
    const free = await saying('free 30 hours').agent.handle(request, call())
    expect(free.provenance).toEqual([])
    expect(free.confidence).toBeCloseTo((0.2 * 2) / 3, 12)
  })

  it('has nothing to say where the model says nothing, and lets it go', async () => {
    const { agent, closed } = saying(' \n')
    await expect(agent.handle(request, call())).rejects.toMatchObject({ outcome: 'unfit' })
    await agent.close()
    expect(closed()).toBe(1)
  })
})
