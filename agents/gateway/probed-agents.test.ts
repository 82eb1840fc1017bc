import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listenInTest } from '../testing/listen-in-test.js'
import { sleep } from '../testing/sleep.js'
import { ask, makeTeam, startGateway } from '../testing/test-gateway.js'

interface Said {
  status: number
  type: string
  body: string
}
const models = (): Said => ({ status: 200, type: 'application/json', body: '{"object":"list","data":[]}' })

/** An endpoint that answers questions, and probes as `said` says. */
async function startEndpoint() {
  const state = { said: models(), asked: 0, looks: [] as { url: string; authorization: string | undefined }[] }
  const server = createServer((incoming, outgoing) => {
    incoming.resume()
    if (incoming.method === 'GET') {
      state.looks.push({ url: incoming.url!, authorization: incoming.headers.authorization })
      outgoing.writeHead(state.said.status, { 'content-type': state.said.type }).end(state.said.body)
      return
    }
    state.asked++
    const message = { role: 'assistant', content: 'Hello' }
    const completion = { choices: [{ index: 0, message, finish_reason: 'stop' }] }
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion))
  })
  const origin = await listenInTest(server)
  return { state, endpoint: `${origin}/v1`, origin }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(2)
}

const probe = { everyMs: 5, down: 2 }

async function setUp(path?: string) {
  const [a, b] = [await startEndpoint(), await startEndpoint()]
  const settings = path === undefined ? probe : { ...probe, path: path.replace('ORIGIN', b.origin) }
  const team = makeTeam([
    { name: 'a', endpoint: a.endpoint, probe: settings },
    { name: 'b', endpoint: b.endpoint },
  ])
  const test = await startGateway(team, { apiKeys: { a: 'sk-a' } })
  onTestFinished(() => test.gateway.stop())
  const ready = async () =>
    ((await (await fetch(`${test.url.replace('/v1', '')}/readyz`)).json()) as { agents: object[] }).agents
  return { ...test, a, b, ready }
}

describe('an agent whose probe fails', () => {
  it.each([
    [{ status: 503, type: 'application/json', body: '{}' }, 'server-error: HTTP 503'],
    [
      { status: 200, type: 'text/html', body: '<html>It works!</html>' },
      'garbage: expected a list of models as JSON, got text/html',
    ],
    [
      { status: 200, type: 'application/json', body: '{"error":{"message":"sk-a is no key"}}' },
      'server-error: it tells an error with status 200',
    ],
  ])('%#: is not called until it is well again, and that is told', async (said, reason) => {
    const { post, a, sink, told, ready } = await setUp()
    expect((await post(ask('What?'))).headers.get('x-cadre-agent')).toBe('a')
    a.state.said = said
    await until(() => told.length > 0)
    expect(told).toEqual([`warn agent "a" is down: ${reason} {"agent":"a","reason":"${reason}"}`])
    expect(await ready()).toEqual([
      { name: 'a', breaker: 'closed', up: false },
      { name: 'b', breaker: 'closed', up: true },
    ])
    const answer = await post(ask('What?'))
    expect([answer.headers.get('x-cadre-agent'), answer.headers.get('x-cadre-reason')]).toEqual(['b', 'fallback:down'])
    expect(await sink.last(2)).toMatchObject({ legal: [false, true], propensities: [0, 1], reason: 'fallback:down' })
    expect((await post(ask('What?', { model: 'a' }))).headers.get('x-cadre-reason')).toBe('requested-unavailable')
    expect(a.state.asked).toBe(1)
    a.state.said = models()
    await until(() => told.length > 1)
    expect(told[1]).toBe('info agent "a" is up again {"agent":"a"}')
    expect((await post(ask('What?'))).headers.get('x-cadre-agent')).toBe('a')
    const health = sink.reading.records.flatMap((record) => (record.kind === 'health' ? record.fields : []))
    expect(health).toEqual([
      { agent: 'a', up: false, reason },
      { agent: 'a', up: true, reason: 'it answers its probe' },
    ])
  })

  it('makes a gateway not ready that has no other, which says so to clients', async () => {
    const a = await startEndpoint()
    a.state.said = { status: 500, type: 'text/plain', body: '' }
    const { post, gateway, told, url } = await startGateway(makeTeam([{ name: 'a', endpoint: a.endpoint, probe }]))
    onTestFinished(() => gateway.stop())
    await until(() => told.length > 0)
    const answer = await post(ask('What?'))
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('every agent is down')])
    expect((await fetch(`${url.replace('/v1', '')}/readyz`)).status).toBe(503)
  })
})

describe('where a probe looks', () => {
  it.each([
    [undefined, '/v1/models', 'Bearer sk-a'],
    ['/health?deep=1', '/v1/health?deep=1', 'Bearer sk-a'],
  ])('%s: below the endpoint, with its key', async (path, url, authorization) => {
    const { a } = await setUp(path)
    await until(() => a.state.looks.length > 0)
    expect(a.state.looks[0]).toEqual({ url, authorization })
  })

  it('another origin gets no key, and need not speak JSON', async () => {
    const { a, b, told } = await setUp('ORIGIN/live')
    b.state.said = { status: 204, type: 'text/plain', body: '' }
    await until(() => b.state.looks.length > 4)
    expect(b.state.looks[0]).toEqual({ url: '/live', authorization: undefined })
    expect([a.state.looks, told]).toEqual([[], []])
  })

  it('ends with the gateway', async () => {
    const { a, gateway } = await setUp()
    await until(() => a.state.looks.length > 1)
    await gateway.stop()
    const { length } = a.state.looks
    await sleep(50)
    expect(a.state.looks).toHaveLength(length)
  })
})
