import { connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ask, startStubbed } from '../testing/test-gateway.js'

const streamed = ask('What?', { stream: true })
const touchy = { failures: 1, halfOpenAfterMs: 60_000 }

/** Sets this process's clocks on until the test is over: how long the machine takes in between must not matter. */
function passTime(ms: number): void {
  for (const clock of [Date, performance]) {
    const real = clock.now.bind(clock)
    const spied = vi.spyOn(clock, 'now').mockImplementation(() => real() + ms)
    onTestFinished(() => spied.mockRestore())
  }
}

/** Sends a request on a connection of its own and never reads a byte of the answer. */
function sendUnread(url: string, body: object): void {
  const text = JSON.stringify(body)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  )
  onTestFinished(() => void socket.destroy())
}

describe('a deadline in the midst of a stream', () => {
  it('is no fault of the agent where clients do not read', async () => {
    const { url, post, sink, stubs } = await startStubbed(
      ['flood'],
      { deadlineMs: 400 },
      { breaker: { ...touchy, failures: 5 } },
    )
    for (let k = 0; k < 5; k++) sendUnread(url, streamed)
    expect((await sink.last(5)).outcome).toMatchObject({ code: 'deadline_exceeded' })
    stubs[0]!.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(200)
  })

  it('is no fault of an agent whose answer is long', async () => {
    const { post, sink, stubs } = await startStubbed(['drip'], { deadlineMs: 400 }, { breaker: touchy })
    await (await post(streamed)).text()
    expect((await sink.last(1)).outcome).toMatchObject({ ended: 'broken-stream', code: 'deadline_exceeded' })
    stubs[0]!.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(200)
  })

  it('counts against an agent that has stalled', async () => {
    const { post, stubs } = await startStubbed(['stall'], { deadlineMs: 800 }, { breaker: touchy })
    await (await post(streamed)).text()
    stubs[0]!.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(503)
  })
})

describe('an endpoint that asks for a long pause', () => {
  it('is left for an agent that can be asked now', async () => {
    const { post, sink } = await startStubbed(['429-soon', 'ok'], { deadlineMs: 6000 }, { retries: 1 })
    expect((await post(ask('What?'))).headers.get('x-cadre-reason')).toBe('fallback:rate-limited')
    expect((await sink.last(1)).attempts.map(({ agent }) => agent)).toEqual(['a', 'b'])
  })

  it('is waited for where no other is left', async () => {
    const { post, sink, stubs } = await startStubbed(
      ['ok', '500'],
      { deadlineMs: 6000 },
      { retries: 1, breaker: { ...touchy, failures: 2 } },
    )
    await post(ask('What?', { model: 'b' }))
    stubs[0]!.behaviour = '429-soon'
    setTimeout(() => {
      stubs[0]!.behaviour = 'ok'
    }, 600)
    // b is left alone by now.
    expect((await post(ask('What?'))).status).toBe(200)
    expect((await sink.last(2)).attempts.map(({ agent }) => agent)).toEqual(['a', 'a'])
  })
})

describe('the request that tests an agent left alone', () => {
  const breaker = { failures: 1, halfOpenAfterMs: 60_000 }

  /** A gateway whose only agent may be tested now. */
  async function testable(failures = 1) {
    const test = await startStubbed(['500'], {}, { breaker: { ...breaker, failures } })
    for (let k = 0; k < failures; k++) expect((await test.post(ask('What?'))).status).toBe(503)
    expect((await test.post(ask('What?'))).status).toBe(503)
    expect(test.stubs[0]!.requests).toBe(failures)
    passTime(breaker.halfOpenAfterMs)
    return { ...test, stub: test.stubs[0]! }
  }

  it('lets the others in with its first token', async () => {
    const { post, stub } = await testable()
    stub.behaviour = 'drip'
    const test = await post(streamed)
    expect(test.status).toBe(200)
    stub.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(200)
    await test.body!.cancel()
  })

  it('passes where the endpoint says that the request is wrong', async () => {
    const { post, stub } = await testable()
    stub.behaviour = '400'
    expect((await post(ask('What?'))).status).toBe(400)
    stub.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(200)
  })

  it('counts a break after its first token as one failure more', async () => {
    const { post, stub } = await testable(2)
    stub.behaviour = 'break'
    for (let k = 0; k < 2; k++) {
      const broken = await post(streamed)
      expect(broken.status).toBe(200)
      await broken.text()
    }
    stub.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(503)
  })

  it('fails where it is given up', async () => {
    const { url, post, stub, sink } = await testable()
    stub.behaviour = 'hang'
    const leave = new AbortController()
    const headers = { 'content-type': 'application/json' }
    const given = fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(ask('What?')),
      signal: leave.signal,
    })
    setTimeout(() => leave.abort(), 50)
    await expect(given).rejects.toThrowError(/abort/)
    expect((await sink.last(3)).outcome.ended).toBe('client-gone')
    stub.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(503)
  })
})
