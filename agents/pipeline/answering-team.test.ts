import { describe, expect, it } from 'vitest'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { newProgress, PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { DecisionLog } from '../log/decision-log.js'
import { readLog } from '../log/read-log.js'
import { GivenClock } from '../testing/given-clock.js'
import { MemorySink } from '../testing/memory-sink.js'
import { AnsweringTeam, type Question } from './answering-team.js'
import type { HandOver } from './hand-over.js'
import type { PipelineLeader } from './pipeline-leader.js'
import { pipelineSchemas } from './pipeline-lines.js'
import type { Member } from './pipeline-walk.js'
import { ConfidenceJudge } from './stage-judge.js'

const rows = [
  [1, 0],
  [0, 1],
]
const stage = (name: string) => ({
  name,
  agents: [{ name: 'one', price: 0.1, latencyS: 0.1, timeoutS: 1, outcome: rows }],
})
const config = routingPipelineConfig.parse({
  stages: [stage('understand'), stage('retrieve'), stage('write'), stage('check')],
  entry: [0.5, 0.5],
  success: [0.1, 0.9],
  ask: { price: 0.5, outcome: rows },
})
const rules = new PipelineRules(config)

const source = { document: 'returns.md' }
const passage = { id: 'returns.md#0', text: 'Returns are free within 30 days.', score: 1, source }
const answerOf = (found: AgentAnswer['found'], confidence = 0.9): AgentAnswer => ({
  found,
  confidence,
  costUsd: 0.1,
  provenance: [],
})
const draft = {
  agent: 'writer',
  text: 'within 30 days',
  confidence: 0.9,
  provenance: [{ ...source, quote: '30 days' }],
}

/** What each stage says where all is well. */
const wellDone: Record<string, (request: AgentRequest) => AgentAnswer> = {
  understand: () => answerOf({ frame: { intent: 'returns', confidence: 0.9, slots: [] } }),
  retrieve: () => answerOf({ passages: [passage] }),
  write: () => answerOf({ drafts: [draft] }),
  check: ({ found }) => answerOf({ drafts: found.drafts! }),
}

/** Calls the one agent until it has answered, and goes on; asks first where the question looks hard; hands over where nothing else is legal. */
const steady: PipelineLeader = {
  name: 'steady',
  choose({ best, grade }, legal) {
    if (grade === 0 && legal[rules.ask]) return { action: rules.ask, scores: null }
    const wanted = best >= 0 ? rules.accept : 0
    return { action: legal[wanted] ? wanted : rules.handOver, scores: null }
  },
}

/** Calls the one agent of the first stage twice, those of the others once. */
const callingTwice: PipelineLeader = {
  name: 'calling-twice',
  choose(progress, legal, present) {
    const again = progress.stage === 0 && progress.calls === 1
    return again ? { action: 0, scores: null } : steady.choose(progress, legal, present)
  },
}

type Handle = Agent['handle']

function startTeam(
  own: Record<string, Handle> = {},
  more: { maxCostUsd?: number; down?: string; memory?: Member['memory']; leader?: PipelineLeader } = {},
) {
  const clock = new GivenClock()
  const sink = new MemorySink()
  const handOvers: HandOver[] = []
  let ids = 0
  const seen: AgentRequest[] = []
  const team = new AnsweringTeam({
    identity: { team: 'shop', policy: { name: 'steady', sha256: null, version: null } },
    ...{ config, rules, leader: more.leader ?? steady, clock },
    difficulty: { looks: [], words: [5] },
    texts: { ask: 'Which order?', handOver: 'A person will answer. Ticket {ticket}.' },
    handOvers: { add: (one) => void handOvers.push(one) },
    ...(more.maxCostUsd === undefined ? {} : { maxCostUsd: more.maxCostUsd }),
    newId: () => `id-${ids++}`,
    log: new DecisionLog(sink, { info: () => {}, warn: () => {}, error: () => {} }, clock),
    stages: config.stages.map(({ name }) => {
      const handle: Handle = async (request, call) => {
        seen.push(request)
        return own[name] === undefined ? wellDone[name]!(request) : own[name](request, call)
      }
      const card = {
        name: `${name}/one`,
        summary: 'stands in',
        adds: [],
        needs: [],
        repeats: true,
        longestQuestion: 1000,
      }
      return {
        name,
        judge: new ConfidenceJudge([[0.5]]),
        members: [
          {
            agent: new CheckedAgent({ card, handle }, clock),
            timeoutMs: 1000,
            expectedMs: 100,
            expectedUsd: 0.1,
            isUp: () => more.down !== name,
            ...(more.memory === undefined ? {} : { memory: more.memory }),
          },
        ],
      }
    }),
  })
  const ask = async (
    turns: Question['turns'] | string,
    session: string | null = null,
    deadlineMs = 10_000,
    key: string | null = null,
  ) => {
    const said = typeof turns === 'string' ? [{ role: 'user', text: turns }] : turns
    const question = { id: `q${ids++}`, turns: said, session, key, model: 'cadre', began: clock.elapsedMs() }
    let over = false
    const began = clock.elapsedMs()
    const limits = { signal: new AbortController().signal, deadline: began + deadlineMs }
    const reply = team.answer(question, limits).finally(() => {
      over = true
    })
    for (let k = 0; !over && k < 1000; k++) {
      await new Promise((done) => setImmediate(done))
      if (!over) clock.pass(50)
    }
    expect(clock.elapsedMs() - began).toBeLessThanOrEqual(deadlineMs + 50)
    return reply
  }
  return { ask, handOvers, seen, reading: () => readLog(sink.lines, pipelineSchemas) }
}

describe('a team that answers', () => {
  it('counts what failed calls cost', async () => {
    const paid = { costUsd: 0.25 }
    const failing = async () => {
      throw new AgentFailure('garbage', 'twice no JSON', paid)
    }
    const { ask, reading } = startTeam({ write: failing })
    const { end } = await ask('are returns free')
    const calls = reading().records.flatMap((record) => (record.kind === 'call' ? [record.fields] : []))
    const failed = calls.filter(({ stage }) => stage === 'write')
    expect(failed.length).toBeGreaterThan(0)
    for (const { outcome, costUsd } of failed) expect([outcome, costUsd]).toEqual(['garbage', 0.25])
    expect(end.costUsd).toBeCloseTo(0.2 + 0.25 * failed.length, 12)
  })

  it('walks all stages, and says what the answer stands on', async () => {
    const { ask, reading, seen } = startTeam()
    const reply = await ask('are returns free')
    expect(reply).toMatchObject({
      kind: 'answer',
      text: 'within 30 days',
      confidence: 0.9,
      provenance: draft.provenance,
    })
    expect(reply.end.costUsd).toBeCloseTo(0.4, 12)
    expect(reply.end.kept.map(({ agent }) => agent)).toEqual([
      'understand/one',
      'retrieve/one',
      'write/one',
      'check/one',
    ])
    // Each stage sees what those before it found.
    expect(seen.map(({ found }) => Object.keys(found).length)).toEqual([0, 1, 2, 3])
    const { problems, records } = reading()
    expect(problems).toEqual([])
    expect(records.map(({ kind }) => kind)).toEqual([
      'pipeline',
      ...Array.from({ length: 4 }, () => ['decision', 'call', 'decision']).flat(),
      'end',
    ])
  })

  it.each([
    ['by the session that it is given', true],
    ['by what was said before', false],
  ])('asks back, and goes on %s', async (_, bySession) => {
    const { ask, seen } = startTeam()
    const first = await ask('when will it come to my house in the end')
    expect(first).toMatchObject({ kind: 'ask', text: 'Which order?' })
    const turns = [
      { role: 'user', text: 'when will it come to my house in the end' },
      { role: 'assistant', text: 'Which order?' },
      { role: 'user', text: 'A-17' },
    ]
    const second = await ask(
      bySession ? [turns[2]!] : [{ role: 'system', text: 'be kind' }, ...turns],
      bySession ? first.session : null,
    )
    expect(second.kind).toBe('answer')
    expect(seen[0]!.question).toBe('when will it come to my house in the end\nA-17')
    // A question goes on once; what comes next is a new one.
    const third = await ask('and when will all of the others come then', first.session)
    expect(third.kind).toBe('ask')
  })

  it('hands over with a ticket and what is known, where an agent finds no words', async () => {
    const { ask, handOvers, reading } = startTeam({
      check: async () => answerOf({ drafts: [{ ...draft, text: ' ' }] }),
    })
    const reply = await ask('are returns free')
    expect(reply.kind).toBe('handOver')
    expect(reply.text).toBe(`A person will answer. Ticket ${reply.ticket}.`)
    expect(handOvers).toMatchObject([
      { ticket: reply.ticket, question: 'are returns free', intent: 'returns', sources: [source] },
    ])
    expect(handOvers[0]!.why).toMatch(/no words/)
    // Every surface says the same: the user, the log, and who counts answers.
    expect(reply.author).toBeNull()
    expect(reply.end).toMatchObject({ kind: 'handOver', confidence: 0, why: handOvers[0]!.why })
    expect(reading().records.at(-1)).toMatchObject({
      kind: 'end',
      fields: { how: 'handOver', confidence: 0, why: handOvers[0]!.why },
    })
  })

  describe('what is known in a conversation', () => {
    /** Remembers what it is asked, and says what was asked before. */
    const remembering: Handle = async (request) => ({
      ...wellDone.understand!(request),
      remember: [{ key: 'asked', value: request.question, source: null }],
    })
    const scopes = { reads: ['asked'], writes: ['asked'] }
    const knownTo = (seen: AgentRequest[]) =>
      seen.filter(({ found }) => found.frame === undefined).map(({ memory }) => memory?.known.map(({ value }) => value))
    const two = [
      { role: 'user', text: 'one' },
      { role: 'assistant', text: 'within 30 days' },
      { role: 'user', text: 'two' },
    ]

    it('goes with it: by the session, or by what was said', async () => {
      const { ask, seen } = startTeam({ understand: remembering }, { memory: scopes })
      const first = await ask('one')
      expect(first.end.memory.facts).toEqual([{ key: 'asked', value: 'one', owner: 'understand/one', source: null }])
      await ask(two)
      await ask('three', first.session)
      expect(knownTo(seen)).toEqual([[], ['one'], ['one']])
      // Who comes after in the same walk knows already.
      expect(seen[1]!.memory!.known.map(({ value }) => value)).toEqual(['one'])
    })

    it('is of one client, and of one branch of what was said', async () => {
      const { ask, seen } = startTeam({ understand: remembering }, { memory: scopes })
      await ask('one', null, 10_000, 'ada')
      await ask(two, null, 10_000, 'bob')
      await ask(two, null, 10_000, 'ada')
      await ask(two.with(2, { role: 'user', text: 'other' }), null, 10_000, 'ada')
      expect(knownTo(seen)).toEqual([[], [], ['one'], ['one']])
    })

    it('is kept while the user is asked back', async () => {
      const { ask, seen } = startTeam({ understand: remembering }, { memory: scopes })
      const { session } = await ask('one')
      const back = await ask('when will it come to my house in the end', session)
      expect(back.kind).toBe('ask')
      await ask('A-17', back.session)
      expect(knownTo(seen)).toEqual([[], ['one']])
    })

    it('is what the answers that count say, and nothing to agents without a part in it', async () => {
      const { ask, seen } = startTeam({ understand: remembering })
      const reply = await ask('one')
      // It may not write: that is no answer.
      expect(reply.kind).toBe('handOver')
      expect(reply.session).toBeNull()
      expect(seen.every(({ memory }) => memory === undefined)).toBe(true)
      let tries = 0
      // The second answer is worse: what it would have kept is forgotten.
      const twice: Handle = async (request) => {
        const value = `try ${++tries}`
        const confidence = tries === 1 ? 0.9 : 0.4
        return { ...wellDone.understand!(request), confidence, remember: [{ key: 'asked', value, source: null }] }
      }
      const again = startTeam({ understand: twice }, { memory: scopes, leader: callingTwice })
      expect((await again.ask('one')).end.memory.facts.map(({ value }) => value)).toEqual(['try 1'])
      expect(tries).toBe(2)
    })
  })

  it('spends no more than it may, and calls nobody who is down or too slow for what is left', async () => {
    const poor = await startTeam({}, { maxCostUsd: 0.25 }).ask('are returns free')
    expect(poor.kind).toBe('handOver')
    expect(poor.end.costUsd).toBeCloseTo(0.2, 12)
    const down = await startTeam({}, { down: 'write' }).ask('are returns free')
    expect(down.end).toMatchObject({ kind: 'handOver', why: 'nobody can be called at stage write' })
    expect(down.end.calls.map(({ stage: at }) => at)).toEqual(['understand', 'retrieve'])
    const late = await startTeam().ask('are returns free', null, 100)
    expect(late.end).toMatchObject({ kind: 'handOver', calls: [] })
  })
})

const faults: Record<string, Handle> = {
  dead: () => Promise.reject(new AgentFailure('connection', 'connection refused')),
  hanging: () => new Promise(() => {}),
  slow: async (_, { signal }) => {
    await new Promise((_done, reject) => signal.addEventListener('abort', () => reject(new Error('too slow'))))
    return answerOf({})
  },
  throwing: () => {
    throw new Error('no memory')
  },
  garbage: async () => ({ text: 'hi' }) as unknown as AgentAnswer,
  nothing: async () => undefined as unknown as AgentAnswer,
  'a confidence that is no number': async () => ({ ...answerOf({}), confidence: Number.NaN }),
  'an invented source': async () => answerOf({ drafts: [{ ...draft, provenance: [{ document: 'invented.md' }] }] }),
  'an invented quote': async () =>
    answerOf({ drafts: [{ ...draft, provenance: [{ ...source, quote: 'ninety days' }] }] }),
  'no words': async ({ found }) => answerOf({ ...found, drafts: [{ ...draft, text: '' }] }),
  'too many words': async ({ found }) => answerOf({ ...found, drafts: [{ ...draft, text: 'so '.repeat(1e6) }] }),
  'nothing found': async () => answerOf({ passages: [], drafts: [] }),
}

describe.each(Object.keys(wellDone))('a fault in stage %s', (name) => {
  it.each(Object.keys(faults))('%s: an answer or a person in time, and no invented source', async (fault) => {
    const { ask, handOvers, reading } = startTeam({ [name]: faults[fault]! })
    const reply = await ask('are returns free')
    expect(['answer', 'handOver']).toContain(reply.kind)
    if (reply.kind === 'answer') {
      expect(reply.text.trim()).not.toBe('')
      for (const { document, quote } of reply.provenance) {
        expect(document).toBe('returns.md')
        if (quote !== undefined) expect(passage.text).toContain(quote)
      }
    } else expect(handOvers).toHaveLength(1)
    const { problems, records } = reading()
    expect(problems).toEqual([])
    expect(records.at(-1)!.kind).toBe('end')
  })
})

it('a question back leaves all calls for what comes then', () => {
  const progress = newProgress()
  rules.begin(progress, 0)
  expect(rules.mayAsk(progress)).toBe(true)
  rules.asked(progress, 1)
  expect([progress.left, progress.asked, rules.mayAsk(progress)]).toEqual([config.maxCalls, 1, false])
})
