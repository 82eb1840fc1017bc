import { connect } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { sleep } from '../testing/sleep.js'
import type { StubEndpoint } from '../testing/stub-endpoint.mjs'
import { ask, makeTeam, startGateway, startOpenAndClosed, type TestGateway } from '../testing/test-gateway.js'

const part = Buffer.alloc(65_536, 0x20)

interface Upload {
  /** What came back. */
  readonly text: string
  /** Parts that were written after the whole answer was there. */
  readonly after: number
  /** What the connection broke with, while it was written to. */
  readonly error: string | null
}

/**
 * Sends a head and then a large body, part by part, and goes on for a while after the answer has come: a client that looks at it only
 * then.
 * @param frame - a part as it goes over the wire
 */
function upload(url: string, head: string, frame: (part: Buffer) => Buffer = (one) => one): Promise<Upload> {
  return new Promise((resolve) => {
    let text = ''
    let after = 0
    let error: string | null = null
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true })
    socket.setEncoding('utf8')
    socket.on('data', (more: string) => {
      text += more
    })
    const whole = () => {
      const length = /content-length: (\d+)/i.exec(text)
      const body = text.indexOf('\r\n\r\n')
      return length !== null && body > 0 && Buffer.byteLength(text.slice(body + 4)) >= Number(length[1])
    }
    const over = () => {
      socket.destroy()
      resolve({ text, after, error })
    }
    socket.on('error', (failure: NodeJS.ErrnoException) => {
      error = failure.code ?? failure.message
      over()
    })
    const write = () => {
      if (error !== null) return
      if (whole()) after++
      if (after > 20) over()
      else socket.write(frame(part), () => setTimeout(write, 2))
    }
    socket.on('connect', () => {
      socket.write(head, 'latin1')
      write()
    })
  })
}

const limits = { bodyBytes: 1_000_000, headerBytes: 4096, concurrentRequests: 1, bodiesBytes: 1_000_000 }
let stub: StubEndpoint
let open: TestGateway
let closed: TestGateway
beforeAll(async () => {
  const both = await startOpenAndClosed('k', { timeoutMs: 20_000 }, { open: { limits }, both: { deadlineMs: 30_000 } })
  ;({ open, closed, stub } = both)
  return both.close
})

const head = (...headers: string[]) =>
  ['POST /v1/chat/completions HTTP/1.1', 'host: localhost', ...headers].join('\r\n').concat('\r\n\r\n')
const json = 'content-type: application/json'
const long = 'content-length: 50000000'

describe.each(['keep-alive', 'close'])('a refusal reaches a client that still sends (connection: %s)', (connection) => {
  it.each([
    [413, 'request_too_large', head(json, long, `connection: ${connection}`)],
    [415, 'unsupported_media_type', head('content-type: text/plain', long, `connection: ${connection}`)],
    [415, 'unsupported_content_encoding', head(json, 'content-encoding: gzip', long, `connection: ${connection}`)],
    [400, 'duplicate_header', head(json, 'host: other', long, `connection: ${connection}`)],
    [431, 'headers_too_large', head(json, `x: ${'y'.repeat(10_000)}`, long, `connection: ${connection}`)],
    [400, 'invalid_http', 'no request at all\r\n\r\n'],
  ])('%i %s', async (status, code, bytes) => {
    const { text, after, error } = await upload(open.url, bytes)
    expect([error, after]).toEqual([null, 21])
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(text).toContain(`"code":"${code}"`)
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('413, where the body never said how long it is', async () => {
    const chunk = (one: Buffer) =>
      Buffer.concat([Buffer.from(`${one.length.toString(16)}\r\n`), one, Buffer.from('\r\n')])
    const bytes = head(json, 'transfer-encoding: chunked', `connection: ${connection}`)
    const { text, after, error } = await upload(open.url, bytes, chunk)
    expect([error, after]).toEqual([null, 21])
    expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*request_too_large/)
  })

  it('401', async () => {
    const { text, after, error } = await upload(closed.url, head(json, long, `connection: ${connection}`))
    expect([error, after]).toEqual([null, 21])
    expect(text).toMatch(/^HTTP\/1\.1 401 [\s\S]*invalid_api_key/)
  })

  it('429, while another request has the only place', async () => {
    stub.behaviour = 'hang'
    const before = stub.requests
    const leave = new AbortController()
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, signal: leave.signal }
    const busy = fetch(`${open.url}/chat/completions`, { ...init, body: JSON.stringify(ask('What?')) })
    while (stub.requests === before) await sleep(5)
    const { text, after, error } = await upload(open.url, head(json, long, `connection: ${connection}`))
    stub.behaviour = 'ok'
    const lines = open.sink.lines.length
    leave.abort()
    await expect(busy).rejects.toThrowError(/abort/)
    while (open.sink.lines.length === lines) await sleep(5)
    expect([error, after]).toEqual([null, 21])
    expect(text).toMatch(/^HTTP\/1\.1 429 [\s\S]*retry-after: 1\r\n[\s\S]*too_many_requests/)
  })
})

describe('a client that waits with its body', () => {
  it('is told no before it sends it', async () => {
    const text = await new Promise<string>((resolve) => {
      let came = ''
      const socket = connect(Number(new URL(open.url).port), '127.0.0.1')
      socket.on('data', (more) => {
        came += more.toString()
      })
      socket.on('close', () => resolve(came))
      socket.write(head(json, long, 'expect: 100-continue'))
    })
    expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i)
  })

  it('is asked for it where it may come', async () => {
    const body = JSON.stringify(ask('What?'))
    const text = await new Promise<string>((resolve) => {
      let came = ''
      const socket = connect(Number(new URL(open.url).port), '127.0.0.1')
      socket.on('data', (more) => {
        if (came === '') socket.write(body)
        came += more.toString()
      })
      socket.on('close', () => resolve(came))
      socket.write(head(json, `content-length: ${body.length}`, 'expect: 100-continue', 'connection: close'))
    })
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*Hello from the stub/)
  })
})

describe('what came', () => {
  it.each([
    [{ 'content-type': 'text/plain' }, 'expected content-type: application/json, got "text/plain"'],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 'got "multipart/form-data; boundary=x"'],
    [
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      'the body is compressed (content-encoding: "gzip"); send it as it is',
    ],
    [
      { 'content-type': 'application/json', 'content-encoding': 'BR' },
      'the body is compressed (content-encoding: "BR")',
    ],
  ])('is named: %j', async (headers, message) => {
    const response = await open.post(ask('What?'), headers as Record<string, string>)
    expect(response.status).toBe(415)
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain(message)
    expect(response.headers.get('accept-encoding')).toBe('content-encoding' in headers ? 'identity' : null)
  })

  it('may say that it is not compressed', async () => {
    expect((await open.post(ask('What?'), { 'content-encoding': 'identity' })).status).toBe(200)
  })
})

describe('many large requests at once', () => {
  it('are read only as far as limits.bodiesBytes, and others get in again when they are over', async () => {
    const team = makeTeam([{ name: 'a', endpoint: stub.endpoint, timeoutMs: 20_000 }], {
      deadlineMs: 30_000,
      limits: { bodyBytes: 1_000_000, bodiesBytes: 1_500_000 },
    })
    const test = await startGateway(team)
    stub.behaviour = 'hang'
    const before = stub.requests
    const leave = new AbortController()
    const large = JSON.stringify(ask('x'.repeat(900_000)))
    const headers = { 'content-type': 'application/json' }
    const url = `${test.url}/chat/completions`
    const first = fetch(url, { method: 'POST', headers, body: large, signal: leave.signal })
    while (stub.requests === before) await sleep(5)
    const second = await test.post(large)
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await second.text()).toContain('"code":"too_many_bytes"')
    leave.abort()
    await expect(first).rejects.toThrowError(/abort/)
    await test.sink.last(1)
    stub.behaviour = 'ok'
    expect((await test.post(large)).status).toBe(200)
    await test.gateway.stop()
  })

  it('let a photograph through as teams are set', async () => {
    const test = await startGateway(
      makeTeam([{ name: 'a', endpoint: stub.endpoint, timeoutMs: 20_000 }], { deadlineMs: 30_000 }),
    )
    const url = `data:image/jpeg;base64,${'A'.repeat(20_000_000)}`
    const body = ask([{ type: 'image_url', image_url: { url } }], { stream: true })
    const response = await test.post(body)
    expect(await response.text()).toContain('[DONE]')
    expect(stub.last).toEqual({ ...body, model: 'a', stream_options: { include_usage: true } })
    await test.gateway.stop()
  })
})

describe('more connections than limits.connections', () => {
  it('are told so, and closed', async () => {
    const test = await startGateway(makeTeam([{ name: 'a', endpoint: stub.endpoint }], { limits: { connections: 2 } }))
    const { port } = new URL(test.url)
    const idle = [1, 2].map(() => connect(Number(port), '127.0.0.1'))
    await Promise.all(idle.map((socket) => new Promise<void>((resolve) => socket.once('connect', resolve))))
    const response = await test.post(ask('What?'))
    expect([response.status, response.headers.get('retry-after'), response.headers.get('connection')]).toEqual([
      503,
      '1',
      'close',
    ])
    expect(await response.text()).toContain('"code":"too_many_connections"')
    for (const socket of idle) socket.destroy()
    while ((await test.post(ask('What?'))).status !== 200) await sleep(5)
    await test.gateway.stop()
  })
})
