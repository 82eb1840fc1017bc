import { describe, expect, it } from 'vitest'
import { claiming, startDispatched, tickMs, until } from './testing/dispatched-team.js'

const nobody = claiming([])
const codeOf = (text: string) => (JSON.parse(text) as { error: { code: string; message: string } }).error

describe('a dispatched query', () => {
  it('goes to the agent that claims it, and its answer to the client', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([1]))
    const { answer } = await team.ask('easy')
    await team.ticks(1)
    const { status, headers, text } = await answer
    expect([status, headers.get('x-cadre-agent')]).toEqual([200, 'b'])
    expect(JSON.parse(text)).toMatchObject({ object: 'chat.completion' })
    expect(team.stubs.map(({ requests }) => requests)).toEqual([0, 1])
    await team.ticks(1)
    const { ticks, outcomes } = await team.end()
    expect(outcomes).toMatchObject([{ ended: 'answered', agent: 'b' }])
    expect(ticks).toMatchObject([
      { tick: 1, events: { arrivals: [0] } },
      { tick: 2, events: { served: [1] } },
    ])
  })

  it('streams, and holds its place until the stream is over', async () => {
    const team = await startDispatched(['drip', 'ok'], claiming([0]), { team: { deadlineMs: 400 } })
    const { answer } = await team.ask('easy', { stream: true })
    await team.ticks(1)
    await until(() => team.stubs[0]!.requests === 1)
    await team.ticks(10)
    expect(team.dispatcher.queues()).toMatchObject([{ queue: 1, inService: 1, claims: 1 }, { queue: 0 }])
    team.clock.pass(400)
    expect((await answer).text).toMatch(/deadline_exceeded.*\n\ndata: \[DONE\]/)
    await team.ticks(1)
    expect(team.dispatcher.queues()).toMatchObject([{ queue: 0, inService: 0 }, { queue: 0 }])
    const { outcomes } = await team.end()
    expect(outcomes).toMatchObject([{ ended: 'broken-stream', code: 'deadline_exceeded' }])
  })

  it('is refused where the inbox has no place, and that costs its loss', async () => {
    const team = await startDispatched(['ok', 'ok'], nobody)
    const asked = [await team.ask('easy'), await team.ask('hard'), await team.ask('hard')]
    await team.ticks(1)
    const refused = await asked[2]!.answer
    expect([refused.status, codeOf(refused.text).code, refused.headers.get('retry-after')]).toEqual([
      503,
      'inbox_full',
      '1',
    ])
    await team.ticks(3)
    const lost = await asked[0]!.answer
    expect([lost.status, codeOf(lost.text).code]).toEqual([503, 'query_expired'])
    expect((await asked[1]!.answer).status).toBe(503)
    const { dispatch } = await team.status()
    expect(dispatch).toMatchObject({ lost: 2, refused: 1, inbox: [] })
    await team.ticks(2)
    const { replay, ticks } = await team.end()
    // Refused: 2. Two queries waited for two ticks at .1 each, and were lost: 1 and 2.
    expect(replay.utility.total).toBeCloseTo(-2 - 0.4 - 3, 9)
    expect(ticks.flatMap(({ lost = [] }) => lost)).toHaveLength(2)
  })

  it('of a type that nobody knows gets 400 with a list of those there are', async () => {
    const team = await startDispatched(['ok', 'ok'], nobody)
    const unknown = await (await team.ask('easyy')).answer
    const none = await (await team.ask()).answer
    expect([unknown.status, none.status]).toEqual([400, 400])
    expect(codeOf(unknown.text)).toMatchObject({ code: 'unknown_query_type', param: 'x-cadre-type' })
    expect(codeOf(unknown.text).message).toBe(
      'x-cadre-type: there is no query type "easyy"; the team answers easy, hard',
    )
    expect(codeOf(none.text).message).toMatch(/x-cadre-type; the team answers easy, hard/)
    await team.end()
  })

  it('is of the type of the first rule that its prompt matches, else of the type for the rest', async () => {
    const typeRules = [
      { match: 'prove|why', type: 'hard' },
      { match: 'why', type: 'easy' },
    ]
    const team = await startDispatched(['ok', 'ok'], claiming([0, 1]), { dispatch: { typeRules, otherType: 'easy' } })
    for (const content of ['Say WHY.', 'Say what.']) {
      await team.ask(undefined, { messages: [{ role: 'user', content }] })
      await team.ticks(3)
    }
    await team.ask('easy', { messages: [{ role: 'user', content: 'Why?' }] })
    await team.ticks(3)
    const { ticks } = await team.end()
    expect(ticks.flatMap(({ events }) => events.arrivals ?? [])).toEqual([1, 0, 0])
  })

  it('may stand in a queue of several that are asked at once', async () => {
    const environment = { offersPerTick: 2 }
    const team = await startDispatched(['slow', 'slow'], claiming([0]), { environment, agent: { concurrency: 2 } })
    const asked = [await team.ask('easy'), await team.ask('hard')]
    await team.ticks(1)
    await until(() => team.stubs[0]!.requests === 2)
    expect(team.dispatcher.queues()).toMatchObject([{ queue: 2, inService: 2, claims: 2 }, { queue: 0 }])
    for (const { answer } of asked) expect((await answer).status).toBe(200)
    await team.ticks(3)
    const { ticks } = await team.end()
    expect(ticks[0]!.offers).toMatchObject([{ winner: 0 }, { winner: 0 }])
    // Both were over in one tick: the second counts in the next.
    expect(ticks.slice(1).map(({ events }) => events.served)).toEqual([[0], [0]])
  })

  it('is asked one at a time where its agent takes one', async () => {
    const team = await startDispatched(['hang', 'ok'], claiming([0]), {
      environment: { offersPerTick: 2 },
      agent: { timeoutMs: 20_000 },
      team: { deadlineMs: 30_000 },
    })
    const asked = [await team.ask('easy'), await team.ask('easy')]
    const [first] = team.stubs
    await team.ticks(1)
    await until(() => first!.requests === 1)
    await team.ticks(4)
    expect(first!.requests).toBe(1)
    first!.behaviour = 'ok'
    asked[0]!.leave()
    await team.ticksUntil(() => first!.requests === 2)
    expect((await asked[1]!.answer).status).toBe(200)
    await team.ticks(1)
    await team.end()
  })
})

describe('a client that leaves', () => {
  const leaving = async (behaviour: string, who: number[], more: object = {}) => {
    const team = await startDispatched([behaviour, 'ok'], claiming(who), {
      environment: { offersPerTick: 2 },
      agent: { timeoutMs: 1000 },
    })
    return { team, asked: await team.ask('hard', more) }
  }

  it('before its query has come to the inbox, takes it back', async () => {
    const { team, asked } = await leaving('ok', [])
    asked.leave()
    await until(() => team.sink.lines.some((line) => line.includes('client-gone')))
    await team.ticks(1)
    expect(team.dispatcher.core.state.waiting).toBe(1)
    await team.ticks(2)
    expect(team.dispatcher.core.state.waiting).toBe(0)
    const { ticks } = await team.end()
    expect(ticks[1]).toMatchObject({ tick: 2, events: { withdrawn: [0] } })
  })

  it('before its query is lost, is no loss that the status counts: nobody missed an answer', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([]), { environment: { patience: 1 } })
    const [gone, stays] = [await team.ask('hard'), await team.ask('hard')]
    gone.leave()
    await until(() => team.sink.lines.some((line) => line.includes('client-gone')))
    await team.ticks(2)
    expect((await stays.answer).status).toBe(503)
    expect((await team.status()).dispatch).toMatchObject({ lost: 1, refused: 0 })
    const { replay } = await team.end()
    // The model knows no clients: it pays for both.
    expect(replay.utility.total).toBe(-4)
  })

  it('before its query has come, where an agent claims it at once: the agent has nothing to do for it', async () => {
    const { team, asked } = await leaving('ok', [0])
    asked.leave()
    await until(() => team.sink.lines.some((line) => line.includes('client-gone')))
    await team.ticks(3)
    expect(team.stubs[0]!.requests).toBe(0)
    const { ticks, replay } = await team.end()
    expect(ticks).toMatchObject([{ offers: [{ winner: 0 }] }, { events: { served: [0] } }])
    // The price is paid, the queue for a tick; the answer is worth nothing.
    expect(replay.utility.total).toBeCloseTo(-1 - 0.4, 9)
    expect(replay.utility.unjudged).toBe(0)
  })

  it('while its query is in the inbox, takes it out at the next boundary', async () => {
    const { team, asked } = await leaving('ok', [])
    await team.ticks(1)
    asked.leave()
    await until(() => team.sink.lines.some((line) => line.includes('client-gone')))
    await team.ticks(2)
    expect(team.dispatcher.core.state.waiting).toBe(0)
    const { ticks, replay } = await team.end()
    expect(ticks.at(-1)).toMatchObject({ tick: 2, events: { withdrawn: [0] } })
    expect(replay.utility.total).toBeCloseTo(-0.1, 9)
  })

  it('while its query is queued, frees its place', async () => {
    const { team } = await leaving('hang', [0])
    const second = await team.ask('easy')
    await team.ticks(2)
    expect(team.dispatcher.queues()).toMatchObject([{ queue: 2, inService: 1 }, {}])
    second.leave()
    await until(() => team.sink.lines.some((line) => line.includes('client-gone')))
    await team.ticks(1)
    expect(team.dispatcher.queues()).toMatchObject([{ queue: 1, inService: 1 }, {}])
    await team.ticksUntil(() => team.dispatcher.core.state.queue[0] === 0)
    const { ticks } = await team.end()
    expect(ticks.flatMap(({ events }) => events.served ?? [])).toEqual([{ agent: 0, place: 1 }, 0])
  })

  for (const stream of [false, true]) {
    it(`while its query is served (stream: ${stream}), ends the call`, async () => {
      const { team, asked } = await leaving(stream ? 'drip' : 'hang', [0], { stream })
      await team.ticks(1)
      await until(() => team.stubs[0]!.requests === 1)
      await team.ticks(3)
      asked.leave()
      await until(() => team.stubs[0]!.aborted === 1)
      await team.ticks(2)
      expect(team.dispatcher.queues()).toMatchObject([{ queue: 0, inService: 0 }, {}])
      const { outcomes, replay } = await team.end()
      expect(outcomes).toMatchObject([{ ended: 'client-gone' }])
      expect(replay.utility.unjudged).toBe(0)
    })
  }
})

describe('a deadline', () => {
  const deadlineMs = 5 * tickMs
  for (const [where, behaviour, who, patience] of [
    ['in the inbox', 'ok', [], 50],
    ['in a queue and in service', 'hang', [0], 3],
  ] as const) {
    it(`that passes ${where} ends the query with 504`, async () => {
      const team = await startDispatched([behaviour, 'ok'], claiming(who), {
        environment: { patience, offersPerTick: 2 },
        team: { deadlineMs },
        agent: { timeoutMs: 20_000 },
      })
      const asked = [await team.ask('easy'), await team.ask('easy')]
      await team.ticks(7)
      for (const { answer } of asked) {
        const { status, text } = await answer
        expect([status, codeOf(text).code]).toEqual([504, 'deadline_exceeded'])
      }
      await team.ticks(2)
      expect([...team.dispatcher.core.state.queue, team.dispatcher.core.state.waiting]).toEqual([0, 0, 0])
      const { outcomes } = await team.end()
      expect(outcomes.map(({ status }) => status)).toEqual([504, 504])
    })
  }

  it('that passes before the first boundary takes the query back', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([]), { team: { deadlineMs: 5 } })
    const { answer } = await team.ask('easy')
    team.clock.pass(6)
    expect((await answer).status).toBe(504)
    await team.ticks(2)
    await team.end()
  })
})

it('stops only when everything in work has ended, and gives the rest up in the end', async () => {
  const team = await startDispatched(['slow', 'hang'], claiming([0, 1]), {
    environment: { inbox: 4, offersPerTick: 2 },
    agent: { timeoutMs: 20_000 },
    team: { deadlineMs: 200_000, limits: { drainMs: 50_000 } },
  })
  const asked = [await team.ask('easy'), await team.ask('easy'), await team.ask('easy'), await team.ask('easy')]
  await team.ticks(2)
  const drained = team.clock.elapsedMs() + 50_000
  const ended = team.end()
  // The agent that answers has two of them, and answers one after the other.
  let answered = 0
  for (const { answer } of asked) void answer.then(({ status }) => (answered += Number(status === 200)))
  await team.ticksUntil(() => answered === 2)
  team.clock.passTo(drained)
  const statuses = await Promise.all(asked.map(async ({ answer }) => (await answer).status))
  const { outcomes } = await ended
  expect(outcomes).toHaveLength(4)
  expect(statuses.sort()).toEqual([200, 200, 503, 503])
})
