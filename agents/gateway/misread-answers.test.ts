import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listenInTest } from '../testing/listen-in-test.js'
import { sleep } from '../testing/sleep.js'
import { ask, makeTeam as makeShortTeam, startGateway } from '../testing/test-gateway.js'

/** A team that waits: how busy the machine is must not decide who answers. */
const makeTeam = (agents: readonly object[]) =>
  makeShortTeam(
    agents.map((agent) => ({ timeoutMs: 20_000, ...agent })),
    { deadlineMs: 30_000 },
  )

interface Said {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body: string | Uint8Array
}

/** An endpoint that says the same to everybody. */
async function endpointOf({ status = 200, headers = {}, body }: Said): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume()
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers })
    outgoing.end(body)
  })
  return `${await listenInTest(server)}/v1`
}

const json = (value: object): Said => ({ body: JSON.stringify(value) })
const events = (...data: (object | string)[]): Said => ({
  headers: { 'content-type': 'text/event-stream' },
  body: data.map((one) => (typeof one === 'string' ? one : `data: ${JSON.stringify(one)}\n\n`)).join(''),
})
const delta = (content: string, finish: string | null = null, index = 0) => ({
  choices: [{ index, delta: { content }, finish_reason: finish }],
})
const whole = (content: string) => ({
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
})
const done = 'data: [DONE]\n\n'

/** What a client and the log see of a team whose first agent says this, and whose second answers GOOD. */
async function outcomeOf(said: Said, stream: boolean, more: { apiKey?: string } = {}) {
  const good = stream ? events(delta('GOOD'), delta('', 'stop'), done) : json(whole('GOOD'))
  const agents = [
    { name: 'first', endpoint: await endpointOf(said) },
    { name: 'good', endpoint: await endpointOf(good) },
  ]
  const apiKeys: Record<string, string> = more.apiKey === undefined ? {} : { first: more.apiKey }
  const { gateway, post, sink, told } = await startGateway(makeTeam(agents), { apiKeys })
  onTestFinished(() => gateway.stop())
  const response = await post(ask('What?', stream ? { stream: true } : {}))
  const text = await response.text()
  const { attempts, outcome } = await sink.last(1)
  const read = (part: string) => (JSON.parse(part) as { choices?: { delta?: { content?: string } }[] | null }).choices
  const content = stream
    ? text
        .split('\n\n')
        .filter((event) => event.startsWith('data: ') && event !== 'data: [DONE]')
        .flatMap((event) => read(event.slice('data: '.length)) ?? [])
        .map((choice) => choice.delta?.content ?? '')
        .join('')
    : response.status === 200
      ? (JSON.parse(text) as ReturnType<typeof whole>).choices[0]!.message.content
      : null
  const agent = response.headers.get('x-cadre-agent')
  return { status: response.status, agent, text, content, attempts, outcome, told, breaker: attempts[0]?.outcome }
}

const folder = new URL('../../../shared/cases/gateway/', import.meta.url)

describe.skipIf(!existsSync(folder))('answers of real endpoints (skipped without the shared cases)', () => {
  const cases = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory())
    : []
  const read = (name: string, file: string) => readFileSync(new URL(`${name}/${file}`, folder))

  it.each(cases.map(({ name }) => name))('%s', async (name) => {
    const head = JSON.parse(read(name, 'head.json').toString()) as Required<Said> & { stream: boolean }
    const expected = JSON.parse(read(name, 'expect.json').toString()) as {
      agent?: string
      content?: string
      client?: string
      log?: string
      status?: number
      message?: string
    }
    const seen = await outcomeOf({ ...head, body: read(name, 'body.txt') }, head.stream)
    if (expected.agent !== undefined) expect(seen.agent).toBe(expected.agent)
    if (expected.agent === 'good') expect(seen.content).toBe('GOOD')
    if (expected.content !== undefined)
      expect([seen.content, seen.outcome.ended]).toEqual([expected.content, 'answered'])
    if (expected.client !== undefined) expect(seen.text).toContain(expected.client)
    if (expected.log !== undefined) expect(seen.outcome.ended).toBe(expected.log)
    expect(seen.status).toBe(expected.status ?? 200)
    if (expected.message !== undefined) {
      expect((JSON.parse(seen.text) as { error: { message: string } }).error.message).toBe(expected.message)
    }
  })
})

describe('what is no answer', () => {
  it.each([
    [
      'an error as JSON where a stream was asked for',
      true,
      json({ error: { message: 'busy', code: 503 } }),
      'server-error',
    ],
    ['an event of the kind error', true, events('event: error\ndata: overloaded\n\n'), 'server-error'],
    ['a choice that ends in an error', true, events(delta('', 'error'), done), 'server-error'],
    ['a rate limit within a 200', false, json({ error: { message: 'slow down', code: 429 } }), 'rate-limited'],
    ['an error at the top of a 200', false, json({ object: 'error', message: 'no', code: 500 }), 'server-error'],
    ['too long a body', false, { status: 413, body: 'Request Entity Too Large' }, 'unfit'],
    [
      'a part that it does not take',
      false,
      { status: 400, ...json({ error: { message: 'no images', code: 'unsupported_content' } }) },
      'unfit',
    ],
    ['an unknown encoding', false, { headers: { 'content-encoding': 'zz' }, body: 'x' }, 'garbage'],
  ] as const)('goes to the next agent: %s', async (_, stream, said, outcome) => {
    const seen = await outcomeOf(said, stream)
    expect([seen.agent, seen.content, seen.attempts.map((one) => one.outcome)]).toEqual([
      'good',
      'GOOD',
      [outcome, 'answered'],
    ])
  })

  it.each([
    ['one of two answers that ends', [delta('a'), delta('b', null, 1), delta('', 'stop')]],
    [
      'an event of the kind error after a token',
      [delta('a'), 'event: error\ndata: {"message": "overloaded"}\n\n', done],
    ],
    ['an error at the top after a token', [delta('a'), { object: 'error', message: 'overloaded' }, done]],
  ] as const)('breaks a stream: %s', async (_, data) => {
    const seen = await outcomeOf(events(...data), true)
    expect([seen.agent, seen.outcome.ended, seen.text.includes('stream_interrupted')]).toEqual([
      'first',
      'broken-stream',
      true,
    ])
  })
})

describe('what is an answer', () => {
  it.each([
    [
      'with an annotation first',
      events({ choices: [], prompt_filter_results: [] }, delta('x'), delta('', 'stop'), done),
    ],
    [
      'with usage and no choices',
      events(delta('x'), delta('', 'stop'), { usage: { prompt_tokens: 1, completion_tokens: 1 } }, done),
    ],
    [
      'with a ping before its first token',
      events('event: ping\ndata: {"type": "ping"}\n\n', delta('x'), delta('', 'stop'), done),
    ],
    ['with a delta of null', events({ choices: [{ index: 0, delta: null }] }, delta('x'), delta('', 'stop'), done)],
    ['with an empty finish before the last', events(delta('x', ''), delta('', 'stop'))],
    ['with two answers that end', events(delta('x'), delta('', null, 1), delta('', 'stop'), delta('', 'stop', 1))],
  ])('%s', async (_, said) => {
    const seen = await outcomeOf(said, true)
    expect([seen.agent, seen.content, seen.outcome.ended]).toEqual(['first', 'x', 'answered'])
  })

  it.each([
    [
      'compressed though nobody asked',
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify(whole('x'))) },
    ],
    [
      'as text by its header',
      { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: JSON.stringify(whole('x')) },
    ],
  ])('whole, %s', async (_, said) => {
    const seen = await outcomeOf(said, false)
    expect([seen.agent, seen.content, seen.outcome.ended]).toEqual(['first', 'x', 'answered'])
  })
})

describe('why an agent failed', () => {
  it('stands in the log and is told once, without keys', async () => {
    const said = { status: 401, ...json({ error: { message: 'Incorrect API key provided: sk-secret' } }) }
    const { attempts, told } = await outcomeOf(said, false, { apiKey: 'sk-secret' })
    expect(attempts[0]).toMatchObject({
      outcome: 'refused',
      detail: 'HTTP 401: Incorrect API key provided: [key]',
    })
    expect(attempts[1]).toMatchObject({ outcome: 'answered', detail: null })
    const warnings = told.filter((line) => line.startsWith('warn'))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('agent "first" failed: HTTP 401: Incorrect API key provided: [key]')
  })

  it('reaches the client where no agent can take the request', async () => {
    const unfit = {
      status: 400,
      ...json({ error: { message: 'at most 8192 tokens', code: 'context_length_exceeded' } }),
    }
    const agents = [
      { name: 'a', endpoint: await endpointOf(unfit) },
      { name: 'b', endpoint: await endpointOf(unfit) },
    ]
    const { gateway, post } = await startGateway(makeTeam(agents))
    onTestFinished(() => gateway.stop())
    const response = await post(ask('What?'))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: { message: 'at most 8192 tokens', code: 'context_length_exceeded' },
    })
  })
})

describe('the connection of a stream', () => {
  it('is kept after [DONE]: the next request comes over the same', async () => {
    const ports = new Set<number | undefined>()
    const server = createServer((incoming, outgoing) => {
      ports.add(incoming.socket.remotePort)
      incoming.resume()
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
      outgoing.write(events(delta('x'), delta('', 'stop'), done).body)
      // The end of the response comes apart from the last event.
      setTimeout(() => outgoing.end(), 30)
    })
    const origin = await listenInTest(server)
    const { gateway, post } = await startGateway(makeTeam([{ name: 'a', endpoint: `${origin}/v1` }]))
    onTestFinished(() => gateway.stop())
    for (let k = 0; k < 3; k++) {
      expect(await (await post(ask('What?', { stream: true }))).text()).toContain('[DONE]')
      await sleep(100)
    }
    expect(ports.size).toBe(1)
  })
})

describe('a rate limit', () => {
  it('holds for the requests that follow, as long as the endpoint asked', async () => {
    let asked = 0
    const server = createServer((incoming, outgoing) => {
      asked++
      incoming.resume()
      outgoing.writeHead(429, { 'retry-after-ms': '60000' }).end('{}')
    })
    const origin = await listenInTest(server)
    const { gateway, post } = await startGateway(makeTeam([{ name: 'a', endpoint: `${origin}/v1` }]))
    onTestFinished(() => gateway.stop())
    for (let k = 0; k < 3; k++) {
      const response = await post(ask('What?'))
      expect([response.status, Number(response.headers.get('retry-after')) > 50]).toEqual([429, true])
    }
    expect(asked).toBe(1)
  })
})

describe('an endpoint', () => {
  it.each(['/openai/deployments/x?api-version=1', '/v1/chat/completions', '/v1'])(
    'is asked at its own path: %s',
    async (path) => {
      const asked: string[] = []
      const server = createServer((incoming, outgoing) => {
        asked.push(incoming.url!)
        incoming.resume()
        outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole('x')))
      })
      const origin = await listenInTest(server)
      const { gateway, post } = await startGateway(makeTeam([{ name: 'a', endpoint: `${origin}${path}` }]))
      onTestFinished(() => gateway.stop())
      expect((await post(ask('What?'))).status).toBe(200)
      const [before, query] = path.split('?')
      const expected = before!.endsWith('/chat/completions') ? before! : `${before}/chat/completions`
      expect(asked).toEqual([query === undefined ? expected : `${expected}?${query}`])
    },
  )
})
