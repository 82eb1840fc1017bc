import { describe, expect, it } from 'vitest'
import {
  dispatchSchemas,
  type SettingsFields,
  type StartFields,
  type StopFields,
} from '#agents/dispatch/dispatch-lines.js'
import type { TeamStatus } from '#agents/gateway/team-status.js'
import { type LogReading, readLog } from '#agents/log/read-log.js'
import { ruleIdentity } from '#agents/testing/test-gateway.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { replayDispatch } from '../replay/replay-dispatch.js'
import {
  claiming,
  type DispatchedParts,
  environment,
  startDispatched,
  tickMs,
  until,
} from './testing/dispatched-team.js'

/** Queries in service stay there until a test says otherwise. */
const hanging = { timeoutMs: 20_000 }
const startEvents = (behaviours: readonly string[], who: readonly number[], more: DispatchedParts = {}) =>
  startDispatched(behaviours, claiming(who), { ...more, dispatch: { decide: 'events', ...more.dispatch } })
const linesOf = <T>({ records }: LogReading, kind: string) =>
  records.flatMap((record) => (record.kind === kind ? [record.fields as T] : []))

describe('a query that comes to an agent with a free place', () => {
  it('is dispatched at once where decisions are made at events', async () => {
    const team = await startEvents(['ok', 'ok'], [0])
    team.clock.pass(7)
    const { answer } = await team.ask('easy')
    expect((await answer).status).toBe(200)
    expect(team.clock.elapsedMs()).toBe(7)
    const { events, ticks, reading } = await team.end()
    expect(ticks).toEqual([])
    expect(events).toMatchObject([
      { ms: 7, events: { arrivals: [0] }, offers: [{ claims: [0], winner: 0 }], state: { inbox: [[0, 3]] } },
      { ms: 7, events: { served: [0] } },
    ])
    expect(linesOf<StartFields>(reading, 'start')).toMatchObject([{ decide: 'events', discount: 0.97 }])
  })

  it('waits for the next boundary where they are made at ticks', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([0]))
    team.clock.pass(7)
    const { answer } = await team.ask('easy')
    expect(team.dispatcher.core.state.waiting + team.dispatcher.core.state.queue[0]!).toBe(0)
    team.clock.pass(12)
    expect(team.stubs[0]!.requests).toBe(0)
    team.clock.pass(1)
    expect((await answer).status).toBe(200)
    const { events, ticks, reading } = await team.end()
    expect(events).toEqual([])
    expect(ticks[0]).toMatchObject({ tick: 1, offers: [{ winner: 0 }] })
    expect(linesOf<StartFields>(reading, 'start')).toMatchObject([{ decide: 'ticks' }])
  })
})

describe('a query that nobody claims', () => {
  it('is offered whenever a tick of its patience is over, and lost when all of it is, to the millisecond', async () => {
    const team = await startEvents(['ok', 'ok'], [])
    team.clock.pass(5)
    const { answer } = await team.ask('hard')
    team.clock.pass(59.5)
    expect(team.dispatcher.core.state.waiting).toBe(1)
    expect(((await team.status()) as unknown as TeamStatus).dispatch).toMatchObject({
      decide: 'events',
      inbox: [{ type: 'hard', remaining: 1, waitedTicks: 2 }],
    })
    team.clock.pass(0.5)
    expect(team.dispatcher.core.state.waiting).toBe(0)
    const { status, text } = await answer
    expect([status, JSON.parse(text).error.code]).toEqual([503, 'query_expired'])
    const { events, replay } = await team.end()
    expect(events.map(({ ms, offers = [], lost = [] }) => [ms, offers.length, lost.length])).toEqual([
      [5, 1, 0],
      [25, 1, 0],
      [45, 1, 0],
      [65, 0, 1],
    ])
    // Three ticks of waiting, and the loss.
    expect(replay.utility.total).toBeCloseTo(-0.3 - 2, 12)
  })

  it('pays for the time that it waited', async () => {
    const who: number[] = []
    const team = await startEvents(['hang', 'hang'], who, { agent: hanging, team: { limits: { drainMs: 1 } } })
    await team.ask('easy')
    team.clock.pass(2.5 * tickMs)
    who.push(0)
    await team.ask('easy')
    const ended = team.end()
    team.clock.pass(1)
    const { replay } = await ended
    // Two prices, .1 for each of 2.5 ticks, and two queries in a queue for a millisecond, whose answers never come.
    expect(replay.utility.total).toBeCloseTo(-2 - 0.25 - (2 * 0.4) / tickMs, 12)
  })

  it('leaves the inbox at once when its client goes', async () => {
    const team = await startEvents(['ok', 'ok'], [])
    const asked = await team.ask('easy')
    team.clock.pass(15)
    asked.leave()
    await until(() => team.dispatcher.core.state.waiting === 0)
    const { events, replay } = await team.end()
    expect(events.at(-1)).toMatchObject({ ms: 15, events: { withdrawn: [0] } })
    expect(replay.utility.total).toBeCloseTo(-0.1 * 0.75, 12)
  })
})

describe('utility at events', () => {
  it('holds queues by their time, and is discounted by when that is', async () => {
    const team = await startEvents(['hang', 'ok'], [0], { agent: hanging, team: { limits: { drainMs: 1 } } })
    team.clock.pass(2.5 * tickMs)
    const { answer } = await team.ask('easy')
    team.clock.pass(2.5 * tickMs)
    const { book } = team.dispatcher
    expect(book.utility.total).toBeCloseTo(5.4 - 1 - 0.4 * 2.5, 12)
    // The claim at its moment, holding over its time: the integral of gamma^t.
    const held = (to: number) => (0.97 ** 2.5 - 0.97 ** to) / Math.log(1 / 0.97)
    expect(book.utility.discounted).toBeCloseTo(0.97 ** 2.5 * (5.4 - 1) - 0.4 * held(5), 12)
    expect([book.utility.ticks, book.utility.perTick]).toEqual([5, book.utility.total / 5])
    const ended = team.end()
    team.clock.pass(1)
    expect((await answer).status).toBe(503)
    const { replay } = await ended
    // Given up a millisecond later: its answer is worth nothing.
    expect(replay.utility.total).toBeCloseTo(-1 - 0.4 * 2.55, 9)
    expect(replay.utility.discounted).toBeCloseTo(-(0.97 ** 2.5) - 0.4 * held(5.05), 9)
  })

  it('books what goes on when the team stops, once', async () => {
    const team = await startEvents(['hang', 'ok'], [0], { agent: hanging, team: { limits: { drainMs: 10 } } })
    await team.ask('easy')
    team.clock.pass(2 * tickMs)
    const ended = team.end()
    team.clock.pass(10)
    const { reading, replay, outcomes } = await ended
    expect(outcomes).toMatchObject([{ status: 503 }])
    const [stop] = linesOf<StopFields>(reading, 'stop')
    expect(stop).toMatchObject({ ms: 50, tick: 2, unjudged: 0 })
    expect(stop!.total).toBeCloseTo(-1 - 0.4 * 2.5, 12)
    expect(replay.paid).toBeCloseTo(stop!.total, 12)
    // Nothing is booked any more.
    const { total } = team.dispatcher.book.utility
    team.clock.pass(1000)
    team.dispatcher.happened()
    expect(team.dispatcher.book.utility.total).toBe(total)
  })

  it('is by other numbers from the moment on at which the file is read again, and by the old ones until then', async () => {
    const team = await startEvents(['hang', 'ok'], [0], { agent: hanging, team: { limits: { drainMs: 10 } } })
    await team.ask('easy')
    team.clock.pass(1.5 * tickMs)
    const dearer = routingDispatchConfig.parse({ ...environment, hold: 1.5 })
    team.dispatcher.adopt(dearer, claiming([1]), ruleIdentity)
    team.clock.pass(5)
    const second = await team.ask('easy')
    expect((await second.answer).headers.get('x-cadre-agent')).toBe('b')
    team.clock.pass(tickMs - 5)
    const ended = team.end()
    team.clock.pass(10)
    const { reading, replay } = await ended
    // The first is given up after 3 ticks, 1.5 of them dearer; the second is answered at once.
    expect(replay.utility.total).toBeCloseTo(-1 - 0.4 * 1.5 - 1.5 * 1.5 + 5.4 - 1, 12)
    expect(linesOf<SettingsFields>(reading, 'settings')).toMatchObject([{ tick: 1, ms: 30 }])
    expect(replay.policy).toBe('always')
  })
})

it('refuses a reward that depends on where time is cut, also while it runs', async () => {
  const team = await startEvents(['ok', 'ok'], [0])
  const config = routingDispatchConfig.parse({ ...environment, reward: 'value - queued ^ 2' })
  expect(() => team.dispatcher.adopt(config, claiming([1]), ruleIdentity)).toThrowError(
    'decisions at events need a reward that is a weighted sum of quantities, since time may be cut anywhere, got "value - queued ^ 2"',
  )
  await team.end()
})

it('a replay finds a log that tells another time or another state than the rules make of it', async () => {
  const team = await startEvents(['ok', 'ok'], [])
  await team.ask('hard')
  team.clock.pass(30)
  const ended = team.end()
  team.clock.pass(30_000)
  await ended
  const lines = team.sink.lines.join('')
  const differenceOf = (from: string, to: string) => {
    expect(lines).toContain(from)
    return replayDispatch(readLog(lines.replace(from, to), dispatchSchemas)).map(({ difference }) => difference)
  }
  expect(differenceOf('[[1,2]]', '[[1,3]]')).toEqual([
    expect.stringMatching(/^20 ms: the log has the state .*\[\[1,3\]\].*, the environment .*\[\[1,2\]\]/),
  ])
  expect(differenceOf('"ms":20}', '"ms":19}')).toEqual([expect.stringMatching(/^19 ms: /)])
  expect(differenceOf('"ms":0}', '"ms":25}')).toEqual([expect.stringMatching(/^20 ms: .* not before 25 ms/)])
})

it('a replay finds time that nobody paid for', async () => {
  const team = await startEvents(['hang', 'ok'], [0], { agent: hanging, team: { limits: { drainMs: 10 } } })
  await team.ask('easy')
  const ended = team.end()
  team.clock.pass(10)
  await ended
  const lines = team.sink.lines.join('')
  const later = lines.replaceAll('"ms":10,"lateTicks"', '"ms":30,"lateTicks"').replace('"ms":10}', '"ms":30}')
  expect(replayDispatch(readLog(later, dispatchSchemas))).toMatchObject([{ difference: null, agrees: false }])
})

describe('several queries at one moment', () => {
  it('are decided in the order of their arrival, each with a place of its own', async () => {
    const team = await startEvents(['hang', 'ok'], [0], { agent: hanging, team: { limits: { drainMs: 1 } } })
    team.clock.pass(3)
    for (const type of ['easy', 'hard', 'hard']) await team.ask(type)
    expect([...team.dispatcher.core.state.queue, team.dispatcher.core.state.waiting]).toEqual([2, 0, 1])
    const ended = team.end()
    team.clock.pass(1)
    const { events } = await ended
    const [first, second, third] = events
    expect([first, second, third].map((line) => [line!.ms, line!.events.arrivals, line!.offers![0]!.winner])).toEqual([
      [3, [0], 0],
      [3, [1], 0],
      [3, [1], null],
    ])
    expect(first!.offers![0]!.request).toBe(first!.requests![0])
  })

  it('are offered in the order of their arrival where they had to wait', async () => {
    const who: number[] = []
    const team = await startEvents(['ok', 'ok'], who)
    const asked = [await team.ask('hard'), await team.ask('easy')]
    who.push(0)
    team.clock.pass(tickMs)
    for (const { answer } of asked) expect((await answer).status).toBe(200)
    const { events } = await team.end()
    const came = events.flatMap(({ requests = [] }) => requests)
    const { ms, offers = [] } = events.find((line) => line.offers?.[0]?.winner === 0)!
    expect([ms, offers.map(({ request }) => request)]).toEqual([tickMs, came])
  })

  it('go to the same of several that claim as they do at a tick', async () => {
    const agents = environment.agents.map((agent) => ({ ...agent, capacity: 5 }))
    const parts = {
      ...{ environment: { agents, inbox: 8, offersPerTick: 8 }, agent: hanging },
      team: { limits: { drainMs: 1 } },
    }
    const winners = async (decide: string) => {
      const team = await startDispatched(['hang', 'hang'], claiming([0, 1]), { ...parts, dispatch: { decide } })
      for (let k = 0; k < 8; k++) await team.ask('easy')
      await team.ticks(1)
      const ended = team.end()
      team.clock.pass(1)
      const { ticks, events } = await ended
      return [...ticks, ...events].flatMap(({ offers = [] }) => offers.map(({ claims, winner }) => [claims, winner]))
    }
    const atEvents = await winners('events')
    expect(atEvents).toHaveLength(8)
    expect(atEvents[0]).toEqual([[0, 1], expect.any(Number)])
    expect(atEvents).toEqual(await winners('ticks'))
  })
})

describe('what waits is offered when a place becomes free', () => {
  it('as a query in a queue is over', async () => {
    const parts = { environment: { patience: 50 }, agent: hanging, team: { limits: { drainMs: 1 } } }
    const team = await startEvents(['hang', 'hang'], [0], parts)
    await team.ask('easy')
    const queued = await team.ask('easy')
    await team.ask('hard')
    team.clock.pass(8)
    expect([...team.dispatcher.core.state.queue, team.dispatcher.core.state.waiting]).toEqual([2, 0, 1])
    queued.leave()
    await until(() => team.dispatcher.core.state.waiting === 0)
    expect(team.clock.elapsedMs()).toBe(8)
    expect([...team.dispatcher.core.state.queue]).toEqual([2, 0])
    const ended = team.end()
    team.clock.pass(1)
    const { events } = await ended
    expect(events[3]).toMatchObject({ ms: 8, events: { served: [{ agent: 0, place: 1 }] }, offers: [{ winner: 0 }] })
  })

  it('as an agent is back that was left alone, also between two ticks', async () => {
    const team = await startEvents(['500', 'ok'], [0], {
      environment: { patience: 50, onDown: 'giveBack' },
      agent: { ...hanging, retries: 3, breaker: { failures: 1, halfOpenAfterMs: 50 } },
    })
    const asked = await team.ask('easy')
    await until(() => team.dispatcher.core.state.down[0] === 1)
    expect(team.clock.elapsedMs()).toBe(0)
    expect(team.dispatcher.core.state.waiting).toBe(1)
    team.stubs[0]!.behaviour = 'ok'
    team.clock.pass(49)
    expect(team.dispatcher.core.state.waiting).toBe(1)
    team.clock.pass(1)
    expect((await asked.answer).headers.get('x-cadre-agent')).toBe('a')
    expect(team.clock.elapsedMs()).toBe(50)
    const { events, replay } = await team.end()
    expect(events.find(({ events: { repaired = [] } }) => repaired.length > 0)).toMatchObject({
      ms: 50,
      offers: [{ winner: 0 }],
    })
    expect(replay).toMatchObject({ decide: 'events', decisions: 5 })
  })

  it('and a query is tried again when its pause is over', async () => {
    const team = await startEvents(['500', 'ok'], [0], {
      agent: { ...hanging, retries: 3, breaker: { failures: 9 } },
      environment: { tickMs: 70 },
    })
    const { answer } = await team.ask('easy')
    await until(() => team.dispatcher.queues()[0]!.inService === 0)
    team.stubs[0]!.behaviour = 'ok'
    team.clock.pass(99)
    expect(team.stubs[0]!.requests).toBe(1)
    team.clock.pass(1)
    expect((await answer).status).toBe(200)
    expect(team.clock.elapsedMs()).toBe(100)
    await team.end()
  })
})
