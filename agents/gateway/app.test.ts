import { connect } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { sleep } from '../testing/sleep.js'
import type { StubEndpoint } from '../testing/stub-endpoint.mjs'
import { ask, makeTeam, startGateway, startOpenAndClosed, type TestGateway, teamKey } from '../testing/test-gateway.js'
import type { ErrorBody } from './api-error.js'

const key = 'sk-cadre-test'
let open: TestGateway
let closed: TestGateway
let stub: StubEndpoint
beforeAll(async () => {
  const limits = { bodyBytes: 2000, headerBytes: 2048, concurrentRequests: 2, requestTimeoutMs: 300 }
  const both = await startOpenAndClosed(key, { timeoutMs: 1400 }, { open: { limits } })
  ;({ open, closed, stub } = both)
  return both.close
})

/** Status, code and param of an error in the OpenAI API's form. */
async function refusal(response: Response): Promise<[number, string | null, string | null]> {
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(response.headers.get('x-cadre-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  const { error } = (await response.json()) as ErrorBody
  expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type'])
  expect(error.message).not.toBe('')
  return [response.status, error.code, error.param]
}

const post = 'POST /v1/chat/completions HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\n'

/** What comes back for bytes on a bare connection. */
function raw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => {
      text += part
    })
    socket.on('close', () => resolve(text)).on('error', reject)
  })
}

describe('refusals', () => {
  it.each([
    ['{"model": ', 400, 'invalid_json', null],
    ['[]', 400, 'invalid_request', null],
    [{ messages: [] }, 400, 'invalid_request', 'model'],
    [ask(null, { messages: [] }), 400, 'invalid_request', 'messages'],
    [ask(17), 400, 'invalid_request', 'messages.0.content'],
    [ask('What?', { stream: 'yes' }), 400, 'invalid_request', 'stream'],
    [ask('What?', { model: 'gpt-9' }), 404, 'model_not_found', 'model'],
    [`${'['.repeat(900)}${']'.repeat(900)}`, 400, 'too_deep', null],
    [ask('x'.repeat(3000)), 413, 'request_too_large', null],
  ])('%#: body', async (body, status, code, param) => {
    expect(await refusal(await open.post(body))).toEqual([status, code, param])
  })

  it('a body that is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')])
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${open.url}/chat/completions`, { method: 'POST', headers, body: bytes })
    expect(await refusal(response)).toEqual([400, 'invalid_utf8', null])
  })

  it('a body that grows too long without having said so', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(512).fill(0x20))
      },
    })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${open.url}/chat/completions`, {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit)
    expect(await refusal(response)).toEqual([413, 'request_too_large', null])
  })

  it('another content type', async () => {
    expect(await refusal(await open.post(ask('What?'), { 'content-type': 'text/plain' }))).toEqual([
      415,
      'unsupported_media_type',
      null,
    ])
  })

  it.each([
    ['GET', '/v1/chat/completions', 405, 'POST'],
    ['DELETE', '/v1/models', 405, 'GET'],
    ['POST', '/healthz', 405, 'GET'],
    ['GET', '/v1/embeddings', 404, null],
    ['GET', '/', 404, null],
  ])('%s %s', async (method, path, status, allow) => {
    const response = await fetch(`${open.url.replace('/v1', '')}${path}`, { method })
    expect(response.headers.get('allow')).toBe(allow)
    expect((await refusal(response))[0]).toBe(status)
  })

  it('more at once than is allowed', async () => {
    stub.behaviour = 'slow'
    const before = stub.requests
    const answers = [open.post(ask('What?')), open.post(ask('What?'))]
    while (stub.requests < before + 2) await sleep(1)
    const late = await open.post(ask('What?'))
    stub.behaviour = 'ok'
    expect(late.headers.get('retry-after')).toBe('1')
    expect(await refusal(late)).toEqual([429, 'too_many_requests', null])
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200])
    await sleep(10)
    expect((await open.post(ask('What?'))).status).toBe(200)
  })

  it('no others for clients that are slow to send', async () => {
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
    const slow = [1, 2, 3].map(() => raw(open.url, `${head}connection: close\r\ncontent-length: 100\r\n\r\n{`))
    await sleep(50)
    expect((await open.post(ask('What?'))).status).toBe(200)
    for (const answer of await Promise.all(slow)) expect(answer).toContain('request_timeout')
  })

  it.each([
    ['nonsense\r\n\r\n', 400, 'invalid_http'],
    [`GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(4000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n', 408, 'request_timeout'],
    ['CONNECT example.org:443 HTTP/1.1\r\nhost: example.org\r\n\r\n', 405, 'method_not_allowed'],
    ['GET /v1/models HTTP/1.1\r\nconnection: close\r\nhost: evil.example\r\n\r\n', 403, 'host_not_allowed'],
    ['GET /readyz HTTP/1.1\r\nconnection: close\r\nhost: evil.example\r\n\r\n', 403, 'host_not_allowed'],
    ['GET /v1/models HTTP/1.1\r\nconnection: close\r\nhost: a b\r\n\r\n', 400, 'invalid_request'],
    [
      'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      400,
      'invalid_http',
    ],
    // What two readers could take for different requests.
    [
      'GET /v1/models HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\nhost: evil.example\r\n\r\n',
      400,
      'duplicate_header',
    ],
    [
      'GET /v1/models HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\nHost: localhost\r\n\r\n',
      400,
      'duplicate_header',
    ],
    [
      'GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\nauthorization: a\r\nauthorization: b\r\n\r\n',
      400,
      'duplicate_header',
    ],
    [
      `${post}content-type: application/json\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n{}`,
      400,
      'duplicate_header',
    ],
    [`${post}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`, 400, 'invalid_http'],
    [`${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400, 'invalid_http'],
    [`${post}content-length: 2, 2\r\n\r\n{}`, 400, 'invalid_http'],
    [`${post}content-length: +2\r\n\r\n{}`, 400, 'invalid_http'],
    [`${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400, 'invalid_http'],
    [`${post}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`, 400, 'invalid_http'],
    [`${post}transfer-encoding: gzip\r\n\r\n`, 400, 'invalid_http'],
    [`${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400, 'invalid_http'],
    [`${post}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`, 400, 'invalid_http'],
    ['GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'invalid_request'],
    ['GET /v1/models HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\n folded: x\r\n\r\n', 400, 'invalid_http'],
  ])('%#: bytes on the wire', async (bytes, status, code) => {
    const answer = await raw(open.url, bytes)
    expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect((JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as ErrorBody).error.code).toBe(code)
  })
})

describe('keys', () => {
  it.each([undefined, 'Bearer ', 'Bearer wrong', `Basic ${key}`, key, `Bearer ${teamKey(key).sha256}`])(
    'refuses %s',
    async (authorization) => {
      const response = await closed.post(ask('What?'), authorization === undefined ? {} : { authorization })
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(await refusal(response)).toEqual([401, 'invalid_api_key', null])
    },
  )

  it('lets a known one in, and logs its name only', async () => {
    const response = await closed.post(ask('What?'), { authorization: `Bearer ${key}` })
    expect(response.status).toBe(200)
    expect((await closed.sink.last(1)).key).toBe('ci')
    expect(closed.sink.lines.join()).not.toContain(key)
  })

  it('asks none for health, and shows agents only to who may call', async () => {
    const base = closed.url.replace('/v1', '')
    expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${base}/readyz`)).json()).toEqual({ status: 'ready' })
    const headers = { authorization: `Bearer ${key}` }
    expect(await (await fetch(`${base}/readyz`, { headers })).json()).toEqual({
      status: 'ready',
      agents: [{ name: 'a', breaker: 'closed', up: true }],
    })
  })
})

describe('models', () => {
  it('are the team and each of its agents', async () => {
    const { data } = (await (await fetch(`${open.url}/models`)).json()) as { data: { id: string; object: string }[] }
    expect(data.map(({ id, object }) => [id, object])).toEqual([
      ['cadre', 'model'],
      ['a', 'model'],
    ])
    expect(await (await fetch(`${open.url}/models/a`)).json()).toEqual(data[1])
    expect(await refusal(await fetch(`${open.url}/models/none`))).toEqual([404, 'model_not_found', 'model'])
  })
})

describe('a failure that nobody foresaw', () => {
  it('is a 500 whose cause is told to whoever runs the gateway, not to the client', async () => {
    const ranker = {
      reason: 'policy',
      rank: () => {
        throw new RangeError('the weights are gone')
      },
    }
    const { gateway, told, post } = await startGateway(makeTeam([{ name: 'a', endpoint: stub.endpoint }]), { ranker })
    const response = await post(ask('What?'))
    const id = response.headers.get('x-cadre-request-id')
    expect(await response.clone().text()).not.toContain('weights')
    expect(await refusal(response)).toEqual([500, 'internal_error', null])
    expect(told).toEqual([expect.stringMatching(new RegExp(`^error .*"id":"${id}".*RangeError: the weights are gone`))])
    await gateway.stop()
  })
})

describe('a decision log that fails', () => {
  it('costs no answers, is told once, shows in readiness, and leaves a line for the gap', async () => {
    let elapsed = 0
    const clock = { ...machineClock, elapsedMs: () => elapsed }
    const team = makeTeam([{ name: 'a', endpoint: stub.endpoint, timeoutMs: 10_000 }], { deadlineMs: 20_000 })
    const { gateway, sink, told, post, url } = await startGateway(team, { clock })
    const ready = async () => {
      const response = await fetch(`${url.replace('/v1', '')}/readyz`)
      return [response.status, ((await response.json()) as { reason?: string }).reason]
    }
    sink.full = true
    for (let k = 0; k < 3; k++) expect((await post(ask('What?'))).status).toBe(200)
    expect(told).toEqual([expect.stringMatching(/^error decisions are not logged; .*ENOSPC/)])
    expect(await ready()).toEqual([503, 'decisions are not logged'])
    sink.full = false
    await post(ask('What?'))
    expect(sink.lines.map((line) => JSON.parse(line) as object)).toEqual([
      {
        ...{ format: 'cadre-log/2', kind: 'gap', what: 'unwritten', count: 6, kinds: { decision: 3, outcome: 3 } },
        ...{ time: expect.any(String), from: expect.any(String), to: expect.any(String) },
      },
      expect.objectContaining({ kind: 'decision', choice: 'a' }),
      expect.objectContaining({ kind: 'outcome', ended: 'answered' }),
    ])
    expect(await ready()).toEqual([503, 'decisions are not logged'])
    elapsed = 5000
    expect(await ready()).toEqual([200, undefined])
    expect(told.slice(1)).toEqual(['warn decisions are logged again {"lost":6}'])
    sink.gone = true
    expect(await ready()).toEqual([503, 'decisions are not logged'])
    expect((await post(ask('What?'))).status).toBe(200)
    await gateway.stop()
  })
})
