import { afterAll, describe, expect, it } from 'vitest'
import type { Policy } from '#env/policy.js'
import { AgentFailure } from '../client/agent-failure.js'
import { type Clock, machineClock } from '../client/clock.js'
import { type Agent, agentRequestSchema, type Call, type Findings } from '../contract/agent.js'
import type { QueueOptimum } from '../contract/agent-entry.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { dispatchSchemas } from '../dispatch/dispatch-lines.js'
import { DecisionLog } from '../log/decision-log.js'
import { readLog } from '../log/read-log.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { GivenClock } from '../testing/given-clock.js'
import { MemorySink } from '../testing/memory-sink.js'
import { testResources } from '../testing/test-resources.js'
import { specialists } from './specialists.js'

const tickMs = 20
const seat = (name: string) => ({ name, capacity: 3, skill: [0.9, 0.5], price: 1, service: 0.5, fail: 0, repair: 1 })
const environment = {
  inbox: 4,
  patience: 3,
  tickMs,
  agents: [seat('a'), seat('b')],
  types: [
    { name: 'track', value: 6, arrival: 0.4, loss: 1 },
    { name: 'price', value: 12, arrival: 0.3, loss: 2 },
  ],
}

/** Understands "where" and "much". */
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
    const intent = /where/i.test(question) ? 'track' : /much/i.test(question) ? 'price' : null
    return { found: { frame: { intent, confidence: 1, slots: [] } }, confidence: 1, costUsd: 0, provenance: [] }
  },
}

/** An agent that answers when a test says so. */
class Worker implements Agent {
  readonly card
  readonly name: string
  up = true
  /** What it was asked, and what it does with it. */
  readonly asked: { question: string; signal: AbortSignal; answer(): void; fail(failure: AgentFailure): void }[] = []
  /** Answers at once. */
  readonly #atOnce: boolean

  constructor(name: string, atOnce = false) {
    this.name = name
    this.#atOnce = atOnce
    this.card = {
      ...{ name, summary: 'answers when it is told to', adds: ['drafts'] as const, needs: ['frame'] as const },
      ...{ repeats: true, longestQuestion: 1000 },
    }
  }

  handle({ question }: { question: string }, { signal }: Call) {
    if (signal.aborted) return Promise.reject(new AgentFailure('aborted', 'given up'))
    return new Promise<{ found: Findings; confidence: number; costUsd: number; provenance: [] }>((resolve, reject) => {
      const answer = () => {
        const draft = { agent: this.name, text: `${this.name}: ${question}`, confidence: 0.8, provenance: [] }
        resolve({ found: { drafts: [draft] }, confidence: 0.8, costUsd: 0.5, provenance: [] })
      }
      if (this.#atOnce) answer()
      else this.asked.push({ question, signal, answer, fail: reject })
    })
  }

  isUp() {
    return this.up
  }

  get questions(): string[] {
    return this.asked.map(({ question }) => question)
  }
}

/** Those named claim whatever they may. */
const claiming = (who: readonly number[]): Policy => ({
  observes: 'local',
  act: ({ mask }, _, out) => {
    out.fill(0)
    for (const i of who) out[i] = mask[2 * i + 1]!
  },
})

interface Setting {
  readonly dispatch?: object
  readonly environment?: object
  /** Leads in the place of the optimum. */
  readonly policy?: Policy
  readonly without?: QueueOptimum['without']
  readonly types?: readonly string[]
  readonly clock?: Clock
  readonly workers?: readonly Worker[]
}

function makeDesk(setting: Setting = {}, log = new MemorySink()) {
  const clock = new GivenClock()
  const own = setting.clock ?? clock
  const [a, b] = setting.workers ?? [new Worker('a'), new Worker('b')]
  const made: Record<string, Agent> = { a: a!, b: b!, understand: understander }
  const { types = ['track', 'price'] } = setting
  const config = specialists.schema.parse({
    agents: { a: { types, use: 'x' }, b: { types: ['track', 'price'], use: 'x' } },
    understand: { use: 'x' },
    dispatch: { environment: { ...environment, ...setting.environment }, ...setting.dispatch },
  })
  const desk = specialists.create(config, {
    ...testResources('desk'),
    clock: own,
    log: new DecisionLog(log, { info: () => {}, warn: () => {}, error: () => {} }, own),
    optimum: () => ({
      policy: setting.policy ?? claiming([0, 1]),
      without: setting.without ?? (() => Promise.reject(new Error('nothing else is solved'))),
      close: async () => {},
    }),
    make: (path) => made[String(path.at(-1))]!,
  })
  const checked = new CheckedAgent(desk, own)
  let count = 0
  /** Asks one thing (its intent is told), or several. */
  const ask = (question: string, { signal = new AbortController().signal, ms = 60_000 } = {}) => {
    const intent = /where/i.test(question) ? 'track' : 'price'
    const found = { frame: { intent, confidence: 1, slots: [] } }
    const asked = checked.handle(agentRequestSchema.parse({ id: `q${count++}`, question, found }), {
      ...{ signal, deadline: own.elapsedMs() + ms, trace: () => {} },
    })
    // Looked at later.
    asked.catch(() => undefined)
    return asked
  }
  return { desk, ask, clock, a: a!, b: b!, log, lines: () => readLog(log.lines.join(''), dispatchSchemas) }
}

/** What follows from what has happened is over. */
const settled = async () => {
  for (let k = 0; k < 3; k++) await new Promise((done) => setImmediate(done))
}

const ticks = async (clock: GivenClock, count: number) => {
  for (let k = 0; k < count; k++) {
    clock.pass(tickMs)
    await settled()
  }
}

describe('specialists with queues', () => {
  const made = makeDesk({ clock: machineClock, workers: [new Worker('a', true), new Worker('b', true)] })
  afterAll(() => made.desk.close?.())
  agentConformance(() => ({
    agent: made.desk,
    request: agentRequestSchema.parse({
      ...{ id: 'q', question: 'where is it' },
      found: { frame: { intent: 'track', confidence: 1, slots: [] } },
    }),
  }))

  it('are no program where several may serve a type, and one where each type has its agent', () => {
    expect(made.desk.card.repeats).toBe(false)
    const agents = [
      { ...seat('a'), types: ['track'] },
      { ...seat('b'), types: ['price'] },
    ]
    expect(makeDesk({ environment: { agents } }).desk.card.repeats).toBe(true)
  })
})

describe('parts of requests in queues', () => {
  it('are worked on side by side, and merged in their order', async () => {
    const { ask, a, b, clock, desk } = makeDesk({ dispatch: { policy: { use: 'shortest-queue' } } })
    const answer = ask('where is my parcel and how much is the kettle')
    await settled()
    expect([a.questions, b.questions]).toEqual([['where is my parcel'], ['how much is the kettle']])
    b.asked[0]!.answer()
    await ticks(clock, 1)
    a.asked[0]!.answer()
    const { found, costUsd } = await answer
    expect(found.drafts![0]!.text).toBe('a: where is my parcel b: how much is the kettle')
    expect(costUsd).toBe(1)
    await desk.close?.()
  })

  it.each([
    ['a', 0],
    ['b', 1],
  ] as const)('go to whom the policy prefers: %s', async (name, who) => {
    const { ask, a, b, desk } = makeDesk({ policy: claiming([who]) })
    void ask('where is my parcel and how much is the kettle')
    await settled()
    // One at a time: the other part stands in the same queue.
    expect({ a: a.asked.length, b: b.asked.length }).toEqual({ a: 0, b: 0, [name]: 1 })
    await desk.close?.()
  })

  it('of several users share the queues: by a rule that looks at them the load is even', async () => {
    const { ask, a, b, desk } = makeDesk({
      dispatch: { policy: { use: 'shortest-queue' }, seats: { b: { concurrency: 2 } } },
    })
    for (const k of [1, 2, 3, 4]) void ask(`where is parcel ${k}`)
    await settled()
    expect([a.questions, b.questions]).toEqual([['where is parcel 1'], ['where is parcel 2', 'where is parcel 4']])
    a.asked[0]!.answer()
    await settled()
    expect(a.questions).toEqual(['where is parcel 1', 'where is parcel 3'])
    await desk.close?.()
  })

  it('are answered in the order of their queue, one at a time', async () => {
    const { ask, a, b, desk } = makeDesk({ policy: claiming([0]) })
    const answers = [1, 2, 3].map((k) => ask(`where is parcel ${k}`))
    for (const k of [1, 2, 3]) {
      await settled()
      expect(a.questions).toEqual([1, 2, 3].slice(0, k).map((one) => `where is parcel ${one}`))
      a.asked[k - 1]!.answer()
      expect((await answers[k - 1]!).found.drafts![0]!.text).toBe(`a: where is parcel ${k}`)
    }
    expect(b.asked).toEqual([])
    await desk.close?.()
  })

  it('come to a boundary where decisions are made at ticks', async () => {
    const { ask, a, clock, desk } = makeDesk({ policy: claiming([0]), dispatch: { decide: 'ticks' } })
    void ask('where is my parcel')
    await settled()
    expect(a.asked).toEqual([])
    await ticks(clock, 1)
    expect(a.questions).toEqual(['where is my parcel'])
    await desk.close?.()
  })

  it('go to another agent where theirs fails and is down', async () => {
    const { ask, a, b, lines, desk } = makeDesk({ policy: claiming([0]), environment: { onDown: 'giveBack' } })
    const both = makeDesk({ dispatch: { policy: { use: 'margin-minus-delay' } }, environment: { onDown: 'giveBack' } })
    const answer = both.ask('where is my parcel')
    await settled()
    expect(both.a.questions).toEqual(['where is my parcel'])
    both.a.up = false
    both.a.asked[0]!.fail(new AgentFailure('connection', 'a is dead', { costUsd: 0.25 }))
    await settled()
    both.b.asked[0]!.answer()
    expect(await answer).toMatchObject({ costUsd: 0.75, found: { drafts: [{ agent: 'b' }] } })
    await both.desk.close?.()
    const [outcome] = both.lines().records.flatMap(({ kind, fields }) => (kind === 'outcome' ? [fields] : []))
    expect(outcome).toMatchObject({ request: 'q0#0', ended: 'answered', agent: 'b', costUsd: 0.75 })
    expect(outcome!.attempts.map((one) => [one.agent, one.outcome])).toEqual([
      ['a', 'connection'],
      ['b', 'answered'],
    ])
    // Where the policy gives them to nobody else they wait, and are lost.
    const waiting = ask('where is my parcel')
    await settled()
    a.up = false
    a.asked[0]!.fail(new AgentFailure('connection', 'a is dead'))
    await settled()
    expect(b.asked).toEqual([])
    expect(lines().requests.get('q0#0')!.fate).toBe('interrupted')
    await desk.close?.()
    await expect(waiting).rejects.toMatchObject({ outcome: 'aborted' })
  })

  it('end with the failure of their agent once its tries are used up, and the others are given up', async () => {
    const { ask, a, b, clock, desk } = makeDesk({
      dispatch: { policy: { use: 'shortest-queue' }, seats: { b: { retries: 1 } } },
    })
    const answer = ask('where is my parcel and how much is the kettle')
    await settled()
    b.asked[0]!.fail(new AgentFailure('server-error', 'b is ill', { costUsd: 0.25 }))
    await settled()
    expect(b.asked).toHaveLength(1)
    await ticks(clock, 5)
    expect(b.asked).toHaveLength(2)
    b.asked[1]!.fail(new AgentFailure('server-error', 'b is ill', { costUsd: 0.25 }))
    await expect(answer).rejects.toMatchObject({ outcome: 'server-error', message: 'b is ill', costUsd: 0.5 })
    expect(a.asked[0]!.signal.aborted).toBe(true)
    await desk.close?.()
  })

  it('end at once where their agent says that they are none for it', async () => {
    const { ask, a, desk } = makeDesk({ policy: claiming([0]) })
    const answer = ask('where is my parcel')
    await settled()
    a.asked[0]!.fail(new AgentFailure('unfit', 'a has no such parcel'))
    await expect(answer).rejects.toMatchObject({ outcome: 'unfit', message: 'a has no such parcel' })
    await desk.close?.()
  })

  it('that nobody takes are lost when their patience is over, and say so', async () => {
    const { ask, clock, desk } = makeDesk({ policy: claiming([]) })
    let end: unknown = null
    ask('where is my parcel').catch((error) => {
      end = error
    })
    await settled()
    await ticks(clock, 2)
    expect(end).toBe(null)
    await ticks(clock, 1)
    expect(end).toMatchObject({ outcome: 'timeout', message: 'desk: nobody took a part in its patience' })
    await desk.close?.()
  })

  it('say that the policy could not decide, where that is why', async () => {
    const broken: Policy = {
      observes: 'local',
      act: () => {
        throw new Error('no such state')
      },
    }
    const { ask, clock, desk } = makeDesk({ policy: broken })
    const answer = ask('where is my parcel')
    await settled()
    await ticks(clock, 3)
    await expect(answer).rejects.toMatchObject({
      outcome: 'timeout',
      message: expect.stringContaining('could not decide (no such state)'),
    })
    await desk.close?.()
  })

  it('find no place in a full inbox', async () => {
    const { ask, desk } = makeDesk({ policy: claiming([]), environment: { inbox: 1 } })
    void ask('where is parcel 1')
    await expect(ask('where is parcel 2')).rejects.toMatchObject({ outcome: 'rate-limited', retryAfterMs: tickMs })
    await desk.close?.()
  })

  it('leave inbox and queues when their request is given up', async () => {
    const { ask, a, clock, desk } = makeDesk({ policy: claiming([0]), environment: { inbox: 1 } })
    const calls = [1, 2, 3, 4].map(() => new AbortController())
    const answers = calls.map(({ signal }, k) => ask(`where is parcel ${k + 1}`, { signal }))
    await settled()
    // Three have a place in the queue, the fourth waits, and a fifth has none.
    await expect(ask('where is parcel 5')).rejects.toMatchObject({ outcome: 'rate-limited' })
    calls[3]!.abort()
    await expect(answers[3]).rejects.toMatchObject({ outcome: 'aborted' })
    const sixth = ask('where is parcel 6')
    calls[1]!.abort()
    await expect(answers[1]).rejects.toMatchObject({ outcome: 'aborted' })
    calls[0]!.abort()
    await expect(answers[0]).rejects.toMatchObject({ outcome: 'aborted' })
    expect(a.asked[0]!.signal.aborted).toBe(true)
    await settled()
    expect(a.questions).toEqual(['where is parcel 1', 'where is parcel 3'])
    a.asked[1]!.answer()
    await settled()
    expect(a.questions.at(-1)).toBe('where is parcel 6')
    a.asked[2]!.answer()
    await sixth
    await ticks(clock, 1)
    await desk.close?.()
  })

  it('leave them at the deadline of their request, and are no answer in time', async () => {
    const { ask, a, clock, desk } = makeDesk({ policy: claiming([0]) })
    const answers = [
      ask('where is parcel 1', { ms: 45 }),
      ask('where is parcel 2', { ms: 45 }),
      ask('where is parcel 3'),
    ]
    await ticks(clock, 2)
    expect(a.questions).toEqual(['where is parcel 1'])
    await ticks(clock, 1)
    await expect(answers[0]).rejects.toMatchObject({ outcome: 'timeout' })
    await expect(answers[1]).rejects.toMatchObject({ outcome: 'timeout' })
    expect(a.questions).toEqual(['where is parcel 1', 'where is parcel 3'])
    await desk.close?.()
  })

  it('hold their deadline themselves, also where nobody holds whoever gives them out to it', async () => {
    const { desk, clock, a } = makeDesk({ policy: claiming([0]) })
    const found = { frame: { intent: 'track', confidence: 1, slots: [] } }
    const answers = ['where is parcel 1', 'where is parcel 2'].map((question) =>
      desk.handle(agentRequestSchema.parse({ id: 'q', question, found }), {
        ...{ signal: new AbortController().signal, deadline: 45, trace: () => {} },
      }),
    )
    const ends = Promise.allSettled(answers)
    await settled()
    await ticks(clock, 3)
    await desk.close?.()
    expect(await ends).toMatchObject([{ reason: { outcome: 'timeout' } }, { reason: { outcome: 'timeout' } }])
    expect(a.questions).toEqual(['where is parcel 1'])
  })

  it('are given back when their agent goes down, also those that it works on', async () => {
    const { ask, a, b, clock, desk } = makeDesk({
      dispatch: { policy: { use: 'most-skilled' }, seats: { b: { concurrency: 3 } } },
      environment: { onDown: 'giveBack' },
    })
    const answers = [1, 2].map((k) => ask(`where is parcel ${k}`))
    await settled()
    expect(a.questions).toEqual(['where is parcel 1'])
    a.up = false
    await ticks(clock, 1)
    expect(a.asked[0]!.signal.aborted).toBe(true)
    expect(b.questions).toEqual(['where is parcel 1', 'where is parcel 2'])
    for (const { answer } of b.asked) answer()
    for (const answer of answers) expect((await answer).found.drafts![0]!.agent).toBe('b')
    await desk.close?.()
  })

  it('stay in the queue of an agent that is down where that is the setting, and are answered when it is up', async () => {
    const { ask, a, b, clock, desk } = makeDesk({ dispatch: { policy: { use: 'most-skilled' } } })
    void ask('where is parcel 1')
    const second = ask('where is parcel 2')
    await settled()
    a.up = false
    await ticks(clock, 1)
    a.asked[0]!.answer()
    await ticks(clock, 5)
    expect([a.asked.length, b.asked.length]).toEqual([1, 0])
    a.up = true
    await ticks(clock, 1)
    a.asked[1]!.answer()
    expect((await second).found.drafts![0]!.text).toBe('a: where is parcel 2')
    await desk.close?.()
  })

  it('are led by the optimum of those who can be reached', async () => {
    const solved: (readonly boolean[])[] = []
    const { ask, a, b, clock, desk } = makeDesk({
      policy: claiming([0]),
      dispatch: { absentAfterMs: 3 * tickMs },
      without: async (present) => {
        solved.push(present)
        return claiming([1])
      },
    })
    void ask('where is parcel 1')
    a.up = false
    await ticks(clock, 3)
    expect(solved).toEqual([])
    await ticks(clock, 2)
    expect(solved).toEqual([[false, true]])
    void ask('where is parcel 2')
    await settled()
    expect(b.questions).toEqual(['where is parcel 2'])
    await desk.close?.()
  })

  it('go only to agents that serve all intents of their type', async () => {
    const policy = claiming([0, 1])
    const types = environment.types.map((type, t) => ({ ...type, name: ['parcels', 'prices'][t]! }))
    const { ask, a, b, desk } = makeDesk({
      ...{ policy, types: ['track'], environment: { types } },
      dispatch: { intents: { parcels: ['track'], prices: ['price'] } },
    })
    for (const k of [1, 2, 3]) void ask(`how much is kettle ${k}`)
    await settled()
    expect([a.asked.length, b.asked.length]).toEqual([0, 1])
    await desk.close?.()
  })

  it('are logged as what a live dispatcher decides is', async () => {
    const { ask, a, b, clock, desk, lines } = makeDesk({ dispatch: { policy: { use: 'shortest-queue' } } })
    const answer = ask('where is my parcel and how much is the kettle')
    await settled()
    a.asked[0]!.answer()
    await ticks(clock, 1)
    b.asked[0]!.answer()
    await answer
    await desk.close?.()
    const { records, requests, problems } = lines()
    expect(problems).toEqual([])
    expect(records[0]).toMatchObject({
      kind: 'start',
      fields: {
        team: 'desk',
        policy: { name: 'shortest-queue' },
        agents: ['a', 'b'],
        decide: 'events',
        discount: 0.97,
      },
    })
    expect(records.at(-1)).toMatchObject({ kind: 'stop', fields: { unjudged: 2 } })
    expect([...requests].map(([id, { decisions, fate }]) => [id, decisions[0]!.choice, fate])).toEqual([
      ['q0#0', 'a', 'ended'],
      ['q0#1', 'b', 'ended'],
    ])
    expect(requests.get('q0#1')!.decisions[0]).toMatchObject({
      ...{ type: 'price', team: 'desk', model: 'desk', key: null, by: 'shortest-queue', propensities: [0, 1, 0] },
    })
  })

  it('are handed out the same again with the same seed, and otherwise with another', async () => {
    const played = async (seed: number) => {
      const { ask, a, b, clock, desk, log } = makeDesk({ dispatch: { epsilon: 0.6, seed } })
      for (let k = 0; k < 30; k++) {
        void ask(k % 2 === 0 ? `where is parcel ${k}` : `how much is kettle ${k}`)
        await settled()
        if (k % 3 > 0) for (const worker of [a, b]) worker.asked.at(-1)?.answer()
        await ticks(clock, 1)
      }
      await desk.close?.()
      return log.lines.join('')
    }
    const first = await played(1)
    expect(await played(1)).toBe(first)
    expect(await played(2)).not.toBe(first)
  })

  it('are given up when the team closes, and none is taken then', async () => {
    const { ask, a, desk, lines } = makeDesk({ policy: claiming([0]) })
    const answers = [ask('where is parcel 1'), ask('where is parcel 2')]
    await settled()
    await desk.close?.()
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ outcome: 'aborted' })
    expect(a.asked[0]!.signal.aborted).toBe(true)
    await desk.close?.()
    expect(lines().records.filter(({ kind }) => kind === 'stop')).toHaveLength(1)
    expect(lines().records.at(-1)!.kind).toBe('stop')
    await expect(ask('where is parcel 3')).rejects.toMatchObject({ outcome: 'down' })
  })
})

describe('settings of queues', () => {
  it.each<[string, Setting, RegExp]>([
    [
      'a seat that is no agent',
      { environment: { agents: [seat('a'), seat('c')] } },
      /^agents\.b: unknown seat of the team "b"/,
    ],
    [
      'no seats of its own',
      { environment: { agents: undefined } },
      /^agents: without dispatch.environment.agents the team is/,
    ],
    [
      'a number out of range',
      { environment: { agents: [{ ...seat('a'), skill: [1] }, seat('b')] } },
      /^dispatch\.environment\.agents\.0\.skill: expected 2 skills/,
    ],
    [
      'an unknown rule',
      { dispatch: { policy: { use: 'longest-queue' } } },
      /^dispatch\.policy\.use: unknown rule "longest-queue"/,
    ],
    ['an unknown seat', { dispatch: { seats: { c: {} } } }, /^dispatch\.seats: unknown seat "c"/],
    [
      'an unknown type',
      { dispatch: { intents: { parcel: ['track'] } } },
      /^dispatch\.intents: unknown query type "parcel"/,
    ],
    [
      'an intent of two types',
      { dispatch: { intents: { track: ['track', 'price'] } } },
      /^dispatch\.intents\.price: "price" is of two query types/,
    ],
    ['an agent for no type', { types: ['refund'] }, /^agents\.a: it serves refund, which is all of no query type/],
    [
      'a type that its agent can not serve',
      { types: ['track'], environment: { agents: [{ ...seat('a'), types: ['price'] }, seat('b')] } },
      /^dispatch\.environment\.agents\.0\.types: it takes queries of type "price", but agents\.a\.types has no "price"/,
    ],
    [
      'a reward that can not be cut',
      { environment: { reward: 'value * value' } },
      /^dispatch\.environment\.reward: decisions at events need/,
    ],
  ])('%s is refused, with its place', (_, setting, message) => {
    expect(() => makeDesk(setting)).toThrow(message)
  })
})
