import { describe, expect, it, onTestFinished } from 'vitest'
import { startStub } from '../../agents/testing/stub-endpoint.mjs'
import {
  claiming,
  type DispatchedParts,
  type DispatchedTeam,
  environment,
  startDispatched,
} from './testing/dispatched-team.js'

const seat = { capacity: 2, skill: [0.9, 0.5], price: 1, service: 0.5, fail: 0, repair: 1 }
/** Seats a, b and c, of which nobody has the last. */
const threeSeats = (more: object = {}): DispatchedParts => ({
  environment: {
    agents: [...environment.agents, { ...seat, name: 'c' }],
    patience: 50,
    offersPerTick: 4,
    inbox: 4,
    ...more,
  },
  dispatch: { openSeats: true },
  team: { deadlineMs: 60_000 },
  agent: { timeoutMs: 5000 },
})

async function call(team: DispatchedTeam, method: string, path: string, body?: object, headers: object = {}) {
  const response = await fetch(`${team.url}/team/agents${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const json = (await response.json()) as { error?: { code: string; message: string; param: string | null } }
  return { status: response.status, json, code: json.error?.code ?? null, message: json.error?.message ?? '' }
}

async function newcomer(behaviour = 'ok') {
  const stub = await startStub(behaviour)
  onTestFinished(() => stub.close())
  return stub
}

const downOf = (team: DispatchedTeam) => [...team.dispatcher.core.state.down]

describe('an agent that joins', () => {
  it('takes the absent seat that it names, and gets queries', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([2]), threeSeats())
    await team.ticks(1)
    expect(downOf(team)).toEqual([0, 0, 1])
    const stub = await newcomer()
    const joined = await call(team, 'POST', '', { name: 'late', seat: 'c', endpoint: stub.endpoint, timeoutMs: 1000 })
    expect([joined.status, joined.json]).toEqual([201, { agent: 'late', seat: 'c' }])
    await team.ticks(1)
    expect(downOf(team)).toEqual([0, 0, 0])
    const asked = await team.ask('easy')
    expect(await team.answersOf([asked])).toEqual([200])
    expect((await asked.answer).headers.get('x-cadre-agent')).toBe('late')
    const { agents, dispatch } = await team.status()
    expect(agents.map(({ name, answered }) => [name, answered])).toEqual([
      ['a', 0],
      ['b', 0],
      ['late', 1],
    ])
    expect(dispatch.seats).toEqual([
      { seat: 'a', agent: 'a' },
      { seat: 'b', agent: 'b' },
      { seat: 'c', agent: 'late' },
    ])
    const metrics = team.gateway.metrics.render()
    expect(metrics).toContain('cadre_agent_up{agent="late"} 1')
    expect(metrics).toContain('cadre_claims_total{agent="late"} 1')
    await team.ticks(2)
    const { reading, ticks } = await team.end()
    expect(ticks.map(({ events }) => [events.failed ?? [], events.repaired ?? []])).toContainEqual([[], [2]])
    expect(reading.records.flatMap((record) => (record.kind === 'seat' ? record.fields : []))).toMatchObject([
      { seat: 'c', agent: 'late', change: 'joined' },
    ])
  })

  it('is refused where that cannot be, and told why', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([]), threeSeats())
    const { endpoint } = await newcomer()
    const agent = { name: 'late', endpoint, timeoutMs: 1000 }
    const join = (body: object) => call(team, 'POST', '', body)
    expect(await join({ ...agent, seat: 'd' })).toMatchObject({
      ...{ status: 400, message: 'seat: there is no seat "d"; nobody has c' },
    })
    expect(await join(agent)).toMatchObject({ status: 400, message: 'seat: there is no seat "late"; nobody has c' })
    expect(await join({ ...agent, seat: 'b' })).toMatchObject({
      ...{ status: 409, code: 'seat_taken', message: '"b" has the seat "b"; nobody has c' },
    })
    expect(await join({ ...agent, name: 'a', seat: 'c' })).toMatchObject({ status: 409, code: 'agent_exists' })
    expect(await join({ ...agent, name: 'cadre', seat: 'c' })).toMatchObject({ status: 400 })
    expect(await join({ ...agent, seat: 'c', timeoutMs: 60_000 })).toMatchObject({
      ...{ status: 400, message: expect.stringContaining('expected less than deadlineMs (60000)') },
    })
    expect(await join({ ...agent, seat: 'c', endpoint: 'ftp://x' })).toMatchObject({
      ...{ status: 400, message: expect.stringContaining('endpoint: expected a URL') },
    })
    for (const [wrong, message] of [
      [{ speed: 9 }, /^speed: unknown key; known keys: name, endpoint, .*concurrency, price$/],
      [{ endpont: 'x' }, /^endpont: unknown key; did you mean "endpoint"\?$/],
      [{ retries: 99 }, /^retries: expected an integer 0\.\.10, got 99$/],
      [{ breaker: { failures: 'x' } }, /^breaker\.failures: expected an integer 1\.\.1000, got "x"$/],
    ] as const) {
      expect(await join({ ...agent, seat: 'c', ...wrong })).toMatchObject({
        ...{ status: 400, message: expect.stringMatching(message) },
      })
    }
    expect(await join({ ...agent, seat: 'c', apiKey: { env: 'HOME' } })).toMatchObject({
      ...{ status: 400, message: expect.stringContaining('HOME is sent only where') },
    })
    expect(await join({ ...agent, seat: 'c' })).toMatchObject({ status: 201 })
    expect(await join({ ...agent, name: 'more' })).toMatchObject({
      ...{ status: 409, code: 'no_seat', message: expect.stringContaining('all 3 seats of the team are taken') },
    })
    expect(await call(team, 'DELETE', '/nobody')).toMatchObject({
      ...{ status: 404, message: 'there is no agent "nobody" in the team; there are a, b, late' },
    })
    expect(await call(team, 'PUT', '', {})).toMatchObject({ status: 405 })
    await team.end()
  })

  it('needs a key where others do, and a team whose seats are open', async () => {
    const closed = await startDispatched(['ok', 'ok'], claiming([]), { ...threeSeats(), dispatch: {} })
    const agent = { name: 'c', endpoint: 'http://127.0.0.1:9/v1' }
    expect(await call(closed, 'POST', '', agent)).toMatchObject({ status: 403, code: 'seats_closed' })
    expect(await call(closed, 'DELETE', '/a')).toMatchObject({ status: 403, code: 'seats_closed' })
    expect(await call(closed, 'PUT', '/a', agent)).toMatchObject({ status: 403, code: 'seats_closed' })
    await closed.end()
    const keys = [{ name: 'one', sha256: 'a'.repeat(64) }]
    const locked = await startDispatched(['ok', 'ok'], claiming([]), { ...threeSeats(), team: { keys } })
    expect(await call(locked, 'POST', '', agent)).toMatchObject({ status: 401 })
    expect(await call(locked, 'DELETE', '/a')).toMatchObject({ status: 401 })
    await locked.end()
  })
})

describe('an agent whose replicas change', () => {
  it('is asked at those from then on, at as many at once as it may have queries', async () => {
    const team = await startDispatched(['hang', 'ok'], claiming([0]), {
      ...threeSeats(),
      agent: { timeoutMs: 5000, concurrency: 2 },
    })
    const [one, two] = [await newcomer('slow'), await newcomer('slow')]
    const reach = (endpoint: unknown, name = '/a') => call(team, 'PUT', name, { endpoint })
    const moved = await reach([one.endpoint, two.endpoint])
    expect([moved.status, moved.json]).toEqual([200, { agent: 'a', endpoint: [one.endpoint, two.endpoint] }])
    const asked = [await team.ask('easy'), await team.ask('easy')]
    expect(await team.answersOf(asked)).toEqual([200, 200])
    expect([one.requests, two.requests]).toEqual([1, 1])
    expect(await reach([], '/a')).toMatchObject({ status: 400, message: expect.stringMatching(/^endpoint: /) })
    expect(await reach('ftp://x')).toMatchObject({ status: 400, message: expect.stringContaining('expected a URL') })
    expect(await reach(one.endpoint, '/nobody')).toMatchObject({ status: 404, code: 'agent_not_found' })
    expect((await reach(two.endpoint)).status).toBe(200)
    expect(await team.answersOf([await team.ask('easy')])).toEqual([200])
    expect([one.requests, two.requests]).toEqual([1, 2])
    await team.end()
  })
})

it('a key goes to replicas only where the team file sends it', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]), {
    ...threeSeats(),
    agent: { timeoutMs: 5000, apiKey: { env: 'KEY' } },
  })
  const { endpoint } = await newcomer()
  expect(await call(team, 'PUT', '/a', { endpoint: [endpoint] })).toMatchObject({
    ...{ status: 400, message: expect.stringMatching(/^endpoint: KEY is sent only where the team's file sends it/) },
  })
  await team.end()
})

it('a key goes where the team file sends it by now, and to nobody who joined under the name of another', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]), {
    ...threeSeats(),
    agent: { timeoutMs: 5000, apiKey: { env: 'KEY' } },
  })
  const [other, open] = [await newcomer(), await newcomer()]
  const [a, b] = team.file.agents
  const moved = (agents: readonly object[]) =>
    team.gateway.adoptReplicas({ ...team.file, agents: agents as typeof team.file.agents })
  // The file sends another key there: that needs a new start, and the old key is sent nowhere new.
  expect(moved([{ ...a!, endpoint: other.endpoint, apiKey: { env: 'ANOTHER' } }, b!])).toEqual([])
  expect(await team.answersOf([await team.ask('easy')])).toEqual([200])
  expect(other.requests).toBe(0)
  // From now on the file sends the key of `a` there, and there alone.
  expect(moved([{ ...a!, endpoint: other.endpoint }, b!])).toEqual(['a'])
  const put = (endpoint: string) => call(team, 'PUT', '/a', { endpoint })
  expect((await put(other.endpoint)).status).toBe(200)
  expect(await put(team.stubs[0]!.endpoint)).toMatchObject({ status: 400 })
  expect(await put(open.endpoint)).toMatchObject({ status: 400 })
  await team.end()
})

it('who joined under the name of another follows the file only where that sends its key', async () => {
  const [one, two, three, four] = [await newcomer(), await newcomer(), await newcomer(), await newcomer()]
  const agents = [
    { name: 'a', endpoint: one.endpoint, timeoutMs: 1000 },
    { name: 'b', endpoint: two.endpoint, timeoutMs: 1000, apiKey: { env: 'KEY' } },
  ]
  const parts = threeSeats()
  const team = await startDispatched(['ok', 'ok'], claiming([0]), { ...parts, team: { ...parts.team, agents } })
  const rejoined = async (more: object) => {
    expect((await call(team, 'DELETE', '/a')).status).toBe(202)
    await team.ticks(1)
    const joined = { name: 'a', seat: 'a', endpoint: two.endpoint, timeoutMs: 1000, ...more }
    expect((await call(team, 'POST', '', joined)).status).toBe(201)
  }
  const moved = (endpoint: string) =>
    team.gateway.adoptReplicas({ ...team.file, agents: [{ ...team.file.agents[0]!, endpoint }, team.file.agents[1]!] })
  await rejoined({ apiKey: { env: 'KEY' } })
  moved(three.endpoint)
  expect(await team.answersOf([await team.ask('easy')])).toEqual([200])
  expect([two.requests, three.requests]).toEqual([1, 0])
  await rejoined({})
  moved(four.endpoint)
  expect(await team.answersOf([await team.ask('easy')])).toEqual([200])
  expect([two.requests, four.requests]).toEqual([1, 1])
  await team.end()
})

describe('an agent that leaves', () => {
  it('serves its queue to its end where it keeps it, takes nothing new, and its seat is free', async () => {
    const team = await startDispatched(['slow', 'ok'], claiming([0, 1]), {
      ...threeSeats({ onDown: 'keep', patience: 2000 }),
    })
    const who = claiming([0])
    team.dispatcher.lead(who)
    const asked = [await team.ask('easy'), await team.ask('hard')]
    await team.ticksUntil(() => team.dispatcher.core.state.queue[0] === 2)
    expect(await call(team, 'DELETE', '/a')).toMatchObject({
      status: 202,
      json: { agent: 'a', seat: 'a', status: 'leaving' },
    })
    expect((await call(team, 'DELETE', '/a')).status).toBe(202)
    const later = await team.ask('easy')
    await team.ticks(2)
    expect([downOf(team)[0], team.dispatcher.core.state.waiting]).toEqual([1, 1])
    expect(await team.answersOf(asked)).toEqual([200, 200])
    await team.ticksUntil(() => team.dispatcher.seats.seated[0] === null)
    expect((await team.status()).agents.map(({ name }) => name)).toEqual(['b'])
    expect(team.gateway.metrics.render()).not.toContain('agent_up{agent="a"}')
    expect((await call(team, 'DELETE', '/a')).status).toBe(404)
    // Another takes its place, under its name.
    const stub = await newcomer()
    expect((await call(team, 'POST', '', { name: 'a', endpoint: stub.endpoint, timeoutMs: 1000 })).status).toBe(201)
    expect(await team.answersOf([later])).toEqual([200])
    expect(stub.requests).toBe(1)
    await team.ticks(2)
    const { reading } = await team.end()
    const changes = reading.records.flatMap((record) => (record.kind === 'seat' ? record.fields.change : []))
    expect(changes).toEqual(['leaving', 'left', 'joined'])
  })

  it('gives its queue back where it does so when down, and has left at once', async () => {
    const team = await startDispatched(['hang', 'ok'], claiming([0]), threeSeats({ onDown: 'giveBack' }))
    const asked = [await team.ask('easy'), await team.ask('hard')]
    await team.ticksUntil(() => team.dispatcher.core.state.queue[0] === 2)
    await call(team, 'DELETE', '/a')
    team.dispatcher.lead(claiming([1]))
    expect(await team.answersOf(asked)).toEqual([200, 200])
    await team.ticksUntil(() => team.dispatcher.seats.seated[0] === null)
    expect(team.stubs.map(({ requests }) => requests)).toEqual([1, 2])
    await team.ticks(2)
    await team.end()
  })

  it('counts as out of reach at once, so that others can be planned for', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([]), threeSeats())
    const heard: (readonly boolean[])[] = []
    team.dispatcher.seats.onReachable = (present) => heard.push(present)
    await team.ticks(1)
    await call(team, 'DELETE', '/b')
    await team.ticks(1)
    const stub = await newcomer()
    await call(team, 'POST', '', { name: 'c', endpoint: stub.endpoint, timeoutMs: 1000 })
    await team.ticks(1)
    expect(heard).toEqual([
      [true, false, false],
      [true, false, true],
    ])
    await team.end()
  })
})
