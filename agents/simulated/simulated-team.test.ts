import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sleep } from '../testing/sleep.js'
import { ask, contentOf, makeTeam, startGateway } from '../testing/test-gateway.js'
import type { Fault } from './faults.js'
import { profileSchema } from './profile-schema.js'
import { SimulatedTeam } from './simulated-team.js'

const profile = (more: object = {}) =>
  profileSchema.parse({
    ...{ port: 0, tickMs: 2, types: ['A', 'B'] },
    agents: [
      { name: 'cheap', service: 1, skill: [1, 0] },
      { name: 'the expert', service: 1 },
    ],
    ...more,
  })

async function start(more: object = {}) {
  const team = new SimulatedTeam(profile(more))
  const url = await team.listen()
  onTestFinished(() => team.close())
  const post = (name: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${team.endpointOf(name)}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const control = (body: unknown) =>
    fetch(`${url}/control`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { team, url, post, control }
}

describe('a simulated team', () => {
  it('answers by the skill in the type, which a header or the last message names', async () => {
    const { post } = await start()
    const named = await post('cheap', ask('What?'), { 'x-cadre-type': 'B' })
    expect([named.headers.get('x-simulated-good'), named.headers.get('x-simulated-type')]).toEqual(['0', 'B'])
    expect(await contentOf(named)).toBe('cheap gives a bad answer to query 1, type B')
    expect((await post('cheap', ask('of type B, please'))).headers.get('x-simulated-good')).toBe('0')
    expect(await contentOf(await post('cheap', ask('What?')))).toBe('cheap gives a good answer to query 3, type A')
    expect((await post('the expert', ask('B'))).headers.get('x-simulated-agent')).toBe('the expert')
    const unknown = await post('cheap', ask('What?'), { 'x-cadre-type': 'C' })
    expect([unknown.status, await unknown.text()]).toEqual([400, expect.stringContaining('there are: A, B')])
  })

  it('streams', async () => {
    const { post } = await start()
    const response = await post('cheap', ask('What?', { stream: true, stream_options: { include_usage: true } }))
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const events = (await response.text()).trimEnd().split('\n\n')
    expect(events.at(-1)).toBe('data: [DONE]')
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)) as { choices: { delta: object }[] })
    const text = chunks.map(({ choices }) => (choices[0]?.delta as { content?: string })?.content ?? '').join('')
    expect(text).toBe('cheap gives a good answer to query 1, type A')
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 10 } })
  })

  it('works behind a gateway, whose probes see who is down', async () => {
    const { team, control } = await start()
    const probe = { everyMs: 5, down: 1 }
    const agents = ['cheap', 'the expert'].map((name) => ({ name, endpoint: team.endpointOf(name), probe }))
    const { gateway, post, told, sink } = await startGateway(makeTeam(agents))
    onTestFinished(() => gateway.stop())
    expect((await post(ask('What?'))).headers.get('x-cadre-agent')).toBe('cheap')
    expect((await control({ agent: 'cheap', up: false })).status).toBe(200)
    while (told.length === 0) await sleep(2)
    expect(told[0]).toContain('agent "cheap" is down: server-error: HTTP 503')
    expect((await post(ask('What?'))).headers.get('x-cadre-reason')).toBe('fallback:down')
    await control({ agent: 'cheap', up: null })
    while (told.length === 1) await sleep(2)
    expect((await post(ask('What?', { stream: true }))).headers.get('x-cadre-agent')).toBe('cheap')
    expect((await sink.last(3)).outcome).toMatchObject({ promptTokens: 2, completionTokens: 10 })
  })

  it.each([
    ['dead', 'connection', 'down'],
    ['hang', 'timeout', 'down'],
    ['429', 'rate-limited', 'up'],
    ['500', 'server-error', 'down'],
    ['garbage', 'garbage', 'down'],
    ['drip', 'timeout', 'up'],
    ['break', 'connection', 'up'],
  ] as const)('has the fault %s on demand', async (fault, outcome, probed) => {
    const { team, control } = await start()
    const endpoint = team.endpointOf('cheap')
    const { gateway, post, sink } = await startGateway(makeTeam([{ name: 'cheap', endpoint, timeoutMs: 300 }]))
    onTestFinished(() => gateway.stop())
    await control({ agent: 'cheap', fault })
    expect(team.status[0]).toMatchObject({ name: 'cheap', fault })
    const failed = await post(ask('What?'))
    expect([429, 503]).toContain(failed.status)
    expect((await sink.last(1)).attempts[0]!.outcome).toBe(outcome)
    const look = await fetch(`${endpoint}/models`, { signal: AbortSignal.timeout(100) }).then(
      (response) => (response.headers.get('content-type') === 'application/json' && response.ok ? 'up' : 'down'),
      () => 'down',
    )
    expect(look).toBe(probed)
  })

  it.each([
    ['break', 'stream_interrupted'],
    ['drip', 'deadline_exceeded'],
  ] as [Fault, string][])('breaks streams, too: %s', async (fault, code) => {
    const { team } = await start()
    team.setFault('cheap', fault)
    const agents = [{ name: 'cheap', endpoint: team.endpointOf('cheap'), timeoutMs: 300 }]
    const { gateway, post } = await startGateway(makeTeam(agents, { deadlineMs: 400 }))
    onTestFinished(() => gateway.stop())
    expect(await (await post(ask('What?', { stream: true }))).text()).toContain(code)
    team.setFault('cheap', null)
    expect((await post(ask('What?'))).status).toBe(200)
  })

  it('lets a client go that leaves, and goes on with the next', async () => {
    const { team, post } = await start({ tickMs: 50, agents: [{ name: 'cheap', service: 1 }] })
    team.force('cheap', false)
    const leave = new AbortController()
    const gone = fetch(`${team.endpointOf('cheap')}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(ask('What?')),
      signal: leave.signal,
    })
    while (team.status[0]!.queue < 1) await sleep(1)
    const next = post('cheap', ask('What?'))
    while (team.status[0]!.queue < 2) await sleep(1)
    leave.abort()
    await expect(gone).rejects.toThrowError(/abort/)
    while (team.status[0]!.queue > 1) await sleep(1)
    team.force('cheap', null)
    expect(await contentOf(await next)).toContain('query 1,')
  })

  it('tells how agents are, and refuses what it does not know', async () => {
    const { team, url, control, post } = await start()
    await post('cheap', ask('What?'))
    expect(await (await fetch(`${url}/control`)).json()).toEqual({
      agents: [
        { name: 'cheap', up: true, queue: 0, answered: 1, fault: null },
        { name: 'the expert', up: true, queue: 0, answered: 0, fault: null },
      ],
    })
    for (const body of [{ agent: 'none' }, { agent: 'cheap', fault: 'odd' }, 'x']) {
      const refused = await control(body)
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('cheap, the expert')])
    }
    expect((await fetch(`${url}/control`, { method: 'POST', body: '{}' })).status).toBe(415)
    expect((await fetch(`${url}/agents/none/v1/models`)).status).toBe(404)
    expect((await post('cheap', { nonsense: 1 })).status).toBe(400)
    expect(() => team.endpointOf('none')).toThrowError(
      'there is no simulated agent "none" (there are: cheap, the expert)',
    )
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.on('data', (part) => resolve(part.toString()))
      socket.write('GET /control HTTP/1.1\r\nconnection: close\r\nhost: evil.example\r\n\r\n')
    })
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
  })
})
