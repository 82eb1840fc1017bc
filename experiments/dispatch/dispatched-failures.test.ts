import { describe, expect, it } from 'vitest'
import { claiming, type DispatchedParts, startDispatched, tickMs, until } from './testing/dispatched-team.js'

/** Agents that fail soon, and are tried again soon. */
const failing = (more: DispatchedParts = {}): DispatchedParts => ({
  ...more,
  environment: { patience: 100, offersPerTick: 4, inbox: 4, ...more.environment },
  team: { deadlineMs: 60_000, ...more.team },
  agent: { timeoutMs: 150, breaker: { failures: 2, halfOpenAfterMs: 5 * tickMs }, ...more.agent },
})

describe('an agent that fails', () => {
  for (const [behaviour, outcome, status] of [
    ['500', 'server-error', 503],
    ['reset', 'connection', 503],
    ['hang', 'timeout', 503],
    ['429', 'rate-limited', 429],
    ['garbage', 'garbage', 503],
    ['garbage-json', 'garbage', 503],
    ['break', 'connection', 503],
    ['401', 'refused', 503],
  ] as const) {
    it(`with ${behaviour} is tried again, and then its query ends with ${status}`, async () => {
      const team = await startDispatched([behaviour, 'ok'], claiming([0]), failing({ agent: { retries: 1 } }))
      const asked = await team.ask('hard')
      const { answer } = asked
      expect(await team.answersOf([asked])).toEqual([status])
      expect(JSON.parse((await answer).text)).toMatchObject({
        error: { message: `agent "a" did not answer: ${outcome}` },
      })
      expect(team.stubs.map(({ requests }) => requests)).toEqual([2, 0])
      await team.ticks(2)
      const [a] = (await team.status()).agents
      expect(a).toMatchObject({ name: 'a', failed: 2, answered: 0, queue: 0, inService: 0, lastFault: { outcome } })
      const { outcomes, replay } = await team.end()
      expect(outcomes).toMatchObject([{ ended: 'error', status, attempts: [{ outcome }, { outcome }] }])
      // The claim is booked at 0: nobody answered.
      expect(replay.utility.unjudged).toBe(0)
    })
  }

  it('by a stream that breaks off is worth nothing, and its client hears of it', async () => {
    const team = await startDispatched(['turn-to-garbage', 'ok'], claiming([0]), failing())
    const { answer } = await team.ask('hard', { stream: true })
    await team.ticks(1)
    expect((await answer).text).toMatch(/stream_interrupted/)
    await team.ticks(2)
    expect((await team.status()).agents[0]).toMatchObject({ failed: 1, queue: 0, inService: 0 })
    const { outcomes, replay } = await team.end()
    expect(outcomes).toMatchObject([{ ended: 'broken-stream', code: 'stream_interrupted', agent: 'a' }])
    expect([replay.utility.total, replay.utility.unjudged]).toEqual([-1.4, 0])
  })

  it('that leads back to where the request came from ends it at once, as a loop', async () => {
    const team = await startDispatched(['508', 'ok'], claiming([0]), failing({ agent: { retries: 3 } }))
    const { answer } = await team.ask('hard')
    await team.ticks(1)
    expect((await answer).status).toBe(508)
    expect(JSON.parse((await answer).text)).toMatchObject({ error: { code: 'loop_detected' } })
    await team.ticks(1)
    expect(team.stubs[0]!.requests).toBe(1)
    await team.end()
  })

  it('with the word that the request is wrong ends it at once', async () => {
    const team = await startDispatched(['400', 'ok'], claiming([0]), failing({ agent: { retries: 3 } }))
    const { answer } = await team.ask('hard')
    await team.ticks(1)
    expect((await answer).status).toBe(400)
    await team.ticks(1)
    expect(team.stubs[0]!.requests).toBe(1)
    await team.end()
  })
})

describe('an agent that goes down', () => {
  it('and keeps its queue, goes on with it after its repair', async () => {
    const parts = failing({ environment: { onDown: 'keep' }, agent: { retries: 5 } })
    const team = await startDispatched(['500', 'ok'], claiming([0]), parts)
    const asked = [await team.ask('easy'), await team.ask('hard')]
    await team.ticksUntil(() => team.dispatcher.core.state.down[0] === 1)
    expect([...team.dispatcher.core.state.queue]).toEqual([2, 0])
    expect((await team.status()).agents[0]).toMatchObject({ breaker: 'open', reason: 'breaker-open', queue: 2 })
    team.stubs[0]!.behaviour = 'ok'
    await team.ticksUntil(() => team.dispatcher.core.state.queue[0] === 0)
    expect(await Promise.all(asked.map(async ({ answer }) => (await answer).status))).toEqual([200, 200])
    expect(team.dispatcher.core.state.down[0]).toBe(0)
    await team.ticks(1)
    const { ticks } = await team.end()
    expect(ticks.filter(({ events }) => (events.failed ?? []).length > 0)).toHaveLength(1)
    expect(ticks.flatMap(({ events }) => events.repaired ?? [])).toEqual([0])
  })

  it('and gives its queue back, has others answer it, with the patience that is left', async () => {
    const who = [0]
    const parts = failing({ environment: { onDown: 'giveBack', patience: 60 }, agent: { retries: 9 } })
    const team = await startDispatched(['500', 'ok'], claiming(who), parts)
    const asked = [await team.ask('easy'), await team.ask('hard')]
    await team.ticksUntil(() => team.dispatcher.core.state.queue[0] === 2)
    who[0] = 5
    await team.ticksUntil(() => team.dispatcher.core.state.down[0] === 1)
    const { state } = team.dispatcher.core
    expect([...state.queue, state.waiting]).toEqual([0, 0, 2])
    // Claimed at tick 1 with 60: one less for each tick since.
    expect([...state.left.subarray(0, 2)]).toEqual(
      [60 - (state.tick - 1 - 1), 60 - (state.tick - 1 - 1)].map((x) => x - 1),
    )
    who[0] = 1
    expect(await team.answersOf(asked)).toEqual([200, 200])
    await team.ticks(3)
    const { outcomes, reading, ticks, replay } = await team.end()
    const [down] = ticks.filter(({ events }) => (events.failed ?? []).length > 0)
    expect(down!.returned).toEqual(outcomes.map(({ request }) => request))
    expect(replay.utility.unjudged).toBe(2)
    for (const { ended, agent } of outcomes) expect([ended, agent]).toEqual(['answered', 'b'])
    for (const { decisions } of reading.requests.values()) {
      expect(decisions.map(({ choice }) => choice).filter((choice) => choice !== 'nobody')).toEqual(['a', 'b'])
    }
  })

  it('has what was credited taken back in the tick in which it goes down, also of a query that is lost then', async () => {
    const parts = failing({ environment: { onDown: 'giveBack', patience: 3, hold: 0, wait: 0 }, agent: { retries: 9 } })
    const team = await startDispatched(['500', 'ok'], claiming([0]), parts)
    const asked = await team.ask('hard')
    await team.ticksUntil(() => team.dispatcher.core.state.down[0] === 1)
    const { tick } = team.dispatcher.core.state
    expect(await team.answersOf([asked])).toEqual([503])
    await team.ticks(2)
    const { ticks, replay, reading } = await team.end()
    const [claim] = ticks.filter(({ offers }) => offers !== undefined)
    const [down] = ticks.filter(({ events }) => (events.failed ?? []).length > 0)
    const [request] = reading.requests.keys()
    expect(down).toMatchObject({ returned: [request], lost: [request] })
    // Half of 12, less the price 1, with the claim; with the tick that ends as the agent goes down that half, and the loss 2.
    expect(down!.tick).toBeGreaterThan(claim!.tick + 3)
    expect(down!.tick).toBe(tick - 1)
    const expected = 0.97 ** claim!.tick * 5 - 0.97 ** (down!.tick - 1) * (6 + 2)
    expect(replay.utility).toMatchObject({ unjudged: 0 })
    expect(replay.utility.total).toBeCloseTo(5 - 8, 9)
    expect(replay.utility.discounted).toBeCloseTo(expected, 9)
    expect(team.dispatcher.book.utility.discounted).toBeCloseTo(expected, 9)
  })

  it('is not asked what stands behind a query that is to be tried again', async () => {
    const parts = failing({ agent: { retries: 3, breaker: { failures: 99 } } })
    const team = await startDispatched(['500', 'ok'], claiming([0]), parts)
    const asked = [await team.ask('easy'), await team.ask('hard')]
    await team.ticksUntil(() => team.stubs[0]!.requests === 1)
    // 100 ms are five ticks.
    await team.ticks(3)
    expect(team.stubs[0]!.requests).toBe(1)
    team.stubs[0]!.behaviour = 'ok'
    expect(await team.answersOf(asked)).toEqual([200, 200])
    await team.ticks(3)
    const { outcomes } = await team.end()
    expect(outcomes.map(({ attempts }) => attempts.length)).toEqual([2, 1])
  })

  it('leaves its query all tries of the next agent', async () => {
    const who = [0]
    const parts = failing({
      environment: { onDown: 'giveBack', patience: 400 },
      agent: {
        ...{ timeoutMs: 4000, retries: 1, breaker: { failures: 99 } },
        probe: { everyMs: tickMs, timeoutMs: 1000, down: 1 },
      },
    })
    const team = await startDispatched(['500', '500'], claiming(who), parts)
    const asked = await team.ask('hard')
    await team.ticksUntil(() => team.stubs[0]!.requests === 1)
    who[0] = 1
    team.stubs[0]!.behaviour = 'hang'
    team.stubs[0]!.isWell = false
    await team.ticksUntil(() => team.stubs[1]!.requests === 1)
    team.stubs[1]!.behaviour = 'ok'
    expect(await team.answersOf([asked])).toEqual([200])
    expect(team.stubs[1]!.requests).toBe(2)
    await team.ticks(3)
    await team.end()
  })

  it('and gives back whole answers in service, which are given up, but no stream that has begun', async () => {
    const who = [0]
    const parts = failing({
      environment: { onDown: 'giveBack' },
      team: { deadlineMs: 2000 },
      agent: {
        ...{ timeoutMs: 1500, concurrency: 2, retries: 3 },
        probe: { everyMs: tickMs, timeoutMs: 1000, down: 1 },
      },
    })
    const team = await startDispatched(['drip', 'ok'], claiming(who), parts)
    const streamed = await team.ask('easy', { stream: true })
    await team.ticks(1)
    await until(() => team.stubs[0]!.requests === 1)
    team.stubs[0]!.behaviour = 'hang'
    const whole = await team.ask('hard')
    await team.ticks(1)
    await until(() => team.stubs[0]!.requests === 2)
    expect(team.dispatcher.queues()[0]).toMatchObject({ queue: 2, inService: 2 })
    who[0] = 1
    team.stubs[0]!.isWell = false
    await team.ticksUntil(() => team.dispatcher.core.state.down[0] === 1)
    expect((await team.status()).agents[0]).toMatchObject({ up: false, reason: 'server-error: HTTP 500' })
    expect(await team.answersOf([whole])).toEqual([200])
    expect((await whole.answer).headers.get('x-cadre-agent')).toBe('b')
    // The call was ended; the stream goes on.
    expect(team.stubs[0]!.aborted).toBe(1)
    expect(team.dispatcher.queues()[0]).toMatchObject({ queue: 1, inService: 1 })
    team.clock.pass(2000)
    expect((await streamed.answer).text).toMatch(/deadline_exceeded/)
    await team.ticks(2)
    const { ticks } = await team.end()
    expect(ticks.flatMap(({ events }) => events.failed ?? [])).toContainEqual({ agent: 0, begun: [0] })
  })

  it('is tested by one query when it may be called again, and comes up also where that takes many ticks', async () => {
    const parts = failing({ environment: { onDown: 'giveBack' }, agent: { retries: 9, timeoutMs: 1000 } })
    const team = await startDispatched(['500', 'ok'], claiming([0]), parts)
    const { answer } = await team.ask('hard')
    await team.ticksUntil(() => team.dispatcher.core.state.down[0] === 1)
    team.stubs[0]!.behaviour = 'slow'
    await team.ticksUntil(() => team.stubs[0]!.requests === 3)
    await team.ticks(10)
    expect((await team.status()).agents[0]).toMatchObject({ breaker: 'half-open' })
    expect(team.dispatcher.core.state.down[0]).toBe(0)
    expect((await answer).status).toBe(200)
    await team.ticks(2)
    expect((await team.status()).agents[0]).toMatchObject({ breaker: 'closed', queue: 0 })
    const { outcomes } = await team.end()
    expect(outcomes).toMatchObject([{ ended: 'answered', agent: 'a' }])
  })

  it('by its rate limit, is left alone for as long as it asks', async () => {
    const parts = failing({ agent: { retries: 9 }, team: { deadlineMs: 120_000 } })
    const team = await startDispatched(['429-long', 'ok'], claiming([0]), parts)
    const { answer } = await team.ask('hard')
    await team.ticksUntil(() => team.dispatcher.core.state.down[0] === 1)
    team.stubs[0]!.behaviour = 'ok'
    expect((await team.status()).agents[0]).toMatchObject({ reason: 'rate-limited' })
    team.clock.pass(30_000)
    expect(team.stubs[0]!.requests).toBe(1)
    expect(team.dispatcher.core.state.down[0]).toBe(1)
    team.clock.pass(29_000)
    await team.ticksUntil(() => team.stubs[0]!.requests === 2)
    expect((await answer).status).toBe(200)
    await team.ticks(1)
    await team.end()
  })
})

describe('a boundary that comes late', () => {
  it('is not skipped, and the log tells of those of a second in one line', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([]), { environment: { patience: 10 } })
    await team.ask('easy')
    await team.ticks(2)
    team.clock.jump(5.25 * tickMs)
    await team.ticks(1)
    expect(team.dispatcher.status()).toMatchObject({ tick: 8, lateTicks: 4 })
    team.clock.jump(200 * tickMs)
    // So many come at once only a hundred at a time.
    await team.ticksUntil(() => team.dispatcher.status().tick >= 200)
    const { lateTicks } = team.dispatcher.status()
    const { reading, replay } = await team.end()
    const gaps = reading.records.flatMap((record) => (record.kind === 'gap' ? record.fields : []))
    expect(gaps.map(({ what }) => what)).toEqual(gaps.map(() => 'late'))
    expect(gaps.length).toBeLessThan(5)
    expect(gaps.reduce((sum, { count }) => sum + count, 0)).toBe(lateTicks)
    expect(Math.max(...gaps.map(({ ms }) => ms!))).toBeGreaterThan(190 * tickMs)
    expect(replay.lateTicks).toBe(lateTicks)
  })
})
