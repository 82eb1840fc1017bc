import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sleep } from '../testing/sleep.js'
import { startStub } from '../testing/stub-endpoint.mjs'
import { ask, contentOf, makeTeam, startGateway, startStubbed } from '../testing/test-gateway.js'
import type { ErrorBody } from './api-error.js'

const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error

/** The JSON of a stream's events, and whether it ended with [DONE]. */
async function eventsOf(response: Response) {
  const lines = (await response.text()).split('\n\n').filter((line) => line !== '')
  expect(lines.every((line) => line.startsWith('data: '))).toBe(true)
  const data = lines.map((line) => line.slice('data: '.length))
  expect(data.filter((one) => one === '[DONE]')).toHaveLength(1)
  expect(data.at(-1)).toBe('[DONE]')
  return data.slice(0, -1).map((one) => JSON.parse(one) as Record<string, unknown>)
}

describe('a chat completion', () => {
  it('comes from the agent chosen, with unknown fields passed on and the reason said', async () => {
    const { post, stubs, sink } = await startStubbed(['ok'], {}, { model: 'upstream-name' })
    const response = await post(ask('What?', { temperature: 0.5, mystery: { deep: [1] } }))
    expect(response.status).toBe(200)
    expect(await contentOf(response)).toBe('Hello from the stub: "What?"')
    expect(stubs[0]!.last).toEqual(ask('What?', { temperature: 0.5, mystery: { deep: [1] }, model: 'upstream-name' }))
    const header = (name: string) => response.headers.get(`x-cadre-${name}`)
    expect([header('agent'), header('reason'), header('policy'), header('score')]).toEqual([
      'a',
      'always',
      'always',
      null,
    ])
    const record = await sink.last(1)
    expect(record).toMatchObject({
      request: header('request-id'),
      episode: header('request-id'),
      step: 0,
      choice: 'a',
      reason: 'always',
      actions: ['a'],
      legal: [true],
      scores: null,
      propensities: [1],
      by: 'always',
      attempts: [{ agent: 'a', outcome: 'answered', status: 200 }],
      outcome: { ended: 'answered', agent: 'a', status: 200, promptTokens: 10, completionTokens: 2, costUsd: null },
    })
    expect(JSON.stringify(record)).not.toContain('What?')
  })

  it('is chosen by the first limits.promptCharacters of the prompt, and answered for all of it', async () => {
    const read: string[] = []
    const ranker = {
      reason: 'policy',
      rank: (text: string) => {
        read.push(text)
        return { order: Int32Array.of(0), scores: null, probabilities: null }
      },
    }
    const stub = await startStub('ok')
    const team = makeTeam([{ name: 'a', endpoint: stub.endpoint }], {
      limits: { promptCharacters: 4 },
      log: { text: true },
    })
    const test = await startGateway(team, { ranker })
    onTestFinished(() => stub.close())
    onTestFinished(() => test.gateway.stop())
    const wholes = ['What is it?', 'Why']
    for (const prompt of wholes) expect(await contentOf(await test.post(ask(prompt)))).toContain(prompt)
    expect(read).toEqual(['What', 'Why'])
    await test.sink.last(2)
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(
      test.sink.decided.map(({ state: { text } }) => [text?.text, text?.sha256, text?.characters, text?.read]),
    ).toEqual([
      ['What', sha256('What'), 11, 4],
      ['Why', sha256('Why'), 3, 3],
    ])
  })

  it('passes numbers on as they were written', async () => {
    const { post, stubs } = await startStubbed(['ok'])
    const body = '{"seed": 9007199254740993, "model": "cadre", "messages": [{"role": "user", "content": "What?"}]}'
    expect((await post(body)).status).toBe(200)
    expect(stubs[0]!.text).toBe(body.replace(' "cadre"', '"a"'))
  })

  it('streams as the agent streams', async () => {
    const { post, sink } = await startStubbed(['ok'], {}, { price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 } })
    const response = await post(ask('What?', { stream: true, stream_options: { include_usage: true } }))
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = await eventsOf(response)
    expect(events).toHaveLength(7)
    expect((await sink.last(1)).outcome).toMatchObject({ ended: 'answered', completionTokens: 2, costUsd: 30e-6 })
  })

  it('takes a stream as complete that ends after its finish reason', async () => {
    const { post, sink } = await startStubbed(['no-done'])
    expect(await eventsOf(await post(ask('What?', { stream: true })))).toHaveLength(2)
    expect((await sink.last(1)).outcome.ended).toBe('answered')
  })

  it('comes from the agent that the request names', async () => {
    const { post, sink } = await startStubbed(['ok', 'ok'])
    const response = await post(ask('What?', { model: 'b' }))
    expect([response.headers.get('x-cadre-agent'), response.headers.get('x-cadre-reason')]).toEqual(['b', 'requested'])
    expect(await sink.last(1)).toMatchObject({ propensities: [0, 1], by: 'client' })
  })
})

describe('an agent that fails before its first token', () => {
  it.each([
    ['hang', 'timeout', null],
    ['500', 'server-error', 500],
    ['429-long', 'rate-limited', 429],
    ['401', 'refused', 401],
    ['garbage', 'garbage', 200],
    ['garbage-json', 'garbage', 200],
    ['redirect', 'garbage', 302],
    ['reset', 'connection', null],
  ])('%s: the next one answers', async (behaviour, outcome, status) => {
    for (const stream of [false, true]) {
      const { post, sink } = await startStubbed([behaviour, 'ok'])
      const response = await post(ask('What?', { stream }))
      expect(response.status).toBe(200)
      expect(response.headers.get('x-cadre-reason')).toBe(`fallback:${outcome}`)
      if (stream) expect(await eventsOf(response)).toHaveLength(6)
      else expect(await contentOf(response)).toContain('Hello')
      const { attempts } = await sink.last(1)
      expect(attempts.map((attempt) => [attempt.agent, attempt.outcome])).toEqual([
        ['a', outcome],
        ['b', 'answered'],
      ])
      if (!stream || status !== 200) expect(attempts[0]!.status).toBe(status)
    }
  })

  it.each(['break', 'stall'])('%s in a whole answer: the next one answers', async (behaviour) => {
    const { post } = await startStubbed([behaviour, 'ok'])
    expect(await contentOf(await post(ask('What?')))).toContain('Hello')
  })

  it('role-then-close: the next one answers, and nothing of the first is seen', async () => {
    const { post } = await startStubbed(['role-then-close', 'ok'])
    expect(await eventsOf(await post(ask('What?', { stream: true })))).toHaveLength(6)
  })

  it('is tried again where that can help, after the pause that it asks for', async () => {
    const { post, sink } = await startStubbed(['429', 'ok'], {}, { retries: 2 })
    const response = await post(ask('What?'))
    expect(response.headers.get('x-cadre-reason')).toBe('fallback:rate-limited')
    expect((await sink.last(1)).attempts.map(({ agent }) => agent)).toEqual(['a', 'a', 'a', 'b'])
  })

  it('is not asked though the request names it, when it is left alone; the log says who was', async () => {
    const breaker = { failures: 1, halfOpenAfterMs: 60_000 }
    const { post, sink } = await startStubbed(['ok', '500'], { exploration: { epsilon: 0, seed: 9 } }, { breaker })
    await post(ask('What?', { model: 'b' }))
    const response = await post(ask('What?', { model: 'b' }))
    expect(response.headers.get('x-cadre-agent')).toBe('a')
    expect(response.headers.get('x-cadre-reason')).toBe('requested-unavailable')
    expect(await sink.last(2)).toMatchObject({
      seed: 9,
      choice: 'a',
      reason: 'requested-unavailable',
      actions: ['a', 'b'],
      legal: [true, false],
      propensities: [1, 0],
      attempts: [{ agent: 'a', outcome: 'answered' }],
    })
  })

  it('is not waited for longer than half of the time left', async () => {
    const { post, sink } = await startStubbed(['429-long', 'ok'], {}, { retries: 2 })
    expect((await post(ask('What?'))).status).toBe(200)
    expect((await sink.last(1)).attempts).toHaveLength(2)
  })

  it('is left alone after failures in a row, and tried again later', async () => {
    const breaker = { failures: 2, halfOpenAfterMs: 150 }
    const { post, stubs, url, sink } = await startStubbed(['500', 'ok'], {}, { breaker })
    for (let k = 0; k < 3; k++) await post(ask('What?'))
    expect(stubs[0]!.requests).toBe(2)
    expect(await sink.last(3)).toMatchObject({
      reason: 'fallback:breaker-open',
      actions: ['a', 'b'],
      legal: [false, true],
      propensities: [0, 1],
    })
    const ready = async () => (await (await fetch(`${url.replace('/v1', '')}/readyz`)).json()) as object
    expect(await ready()).toMatchObject({ status: 'ready', agents: [{ breaker: 'open' }, { breaker: 'closed' }] })
    stubs[0]!.behaviour = 'ok'
    await sleep(200)
    expect((await post(ask('What?'))).headers.get('x-cadre-reason')).toBe('always')
    expect(await ready()).toMatchObject({ agents: [{ breaker: 'closed' }, { breaker: 'closed' }] })
  })
})

describe('when no agent answers', () => {
  it('says so with 503, Retry-After and what each did', async () => {
    const { post, sink } = await startStubbed(['500', 'garbage'])
    const response = await post(ask('What?'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await errorOf(response)).toEqual({
      message: 'no agent answered: a (server-error), b (garbage)',
      type: 'server_error',
      param: null,
      code: 'agents_unavailable',
    })
    expect((await sink.last(1)).outcome).toMatchObject({
      ended: 'error',
      status: 503,
      code: 'agents_unavailable',
      agent: null,
    })
  })

  it('says 429 where all are over their limits', async () => {
    const { post } = await startStubbed(['429-long', '429-long'])
    const response = await post(ask('What?'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60'])
  })

  it('says 504 at the deadline, whatever still hangs', async () => {
    const { post, stubs, sink } = await startStubbed(['hang', 'hang'], { deadlineMs: 300 }, { timeoutMs: 200 })
    const response = await post(ask('What?'))
    expect([response.status, (await errorOf(response)).code]).toEqual([504, 'deadline_exceeded'])
    expect((await sink.last(1)).attempts.map(({ outcome }) => outcome)).toEqual(['timeout', 'aborted'])
    await sleep(20)
    expect(stubs.map(({ aborted }) => aborted)).toEqual([1, 1])
  })

  it('says 503 at once where all are left alone', async () => {
    const { post, stubs, url, sink } = await startStubbed(
      ['500'],
      {},
      { breaker: { failures: 1, halfOpenAfterMs: 60_000 } },
    )
    await post(ask('What?'))
    const response = await post(ask('What?'))
    expect([response.status, response.headers.get('retry-after'), stubs[0]!.requests]).toEqual([503, '60', 1])
    expect(await sink.last(2)).toMatchObject({ choice: null, attempts: [] })
    expect((await fetch(`${url.replace('/v1', '')}/readyz`)).status).toBe(503)
  })
})

describe('a request that is wrong', () => {
  it("is refused with the endpoint's words, without its key, and without asking another", async () => {
    const stub = await startStub('400')
    const test = await startGateway(makeTeam([{ name: 'a', endpoint: stub.endpoint }]), {
      apiKeys: { a: 'sk-secret-1' },
    })
    onTestFinished(() => stub.close())
    onTestFinished(() => test.gateway.stop())
    const response = await test.post(ask('What?'))
    expect(stub.authorization).toBe('Bearer sk-secret-1')
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toEqual({
      message: 'too long (Bearer [key])',
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    })
    expect(test.sink.lines.join() + test.told.join()).not.toContain('sk-secret')
  })
})

describe('a stream that breaks after its first token', () => {
  it.each(['break', 'turn-to-garbage'])('%s: ends with an error event, and is never begun anew', async (behaviour) => {
    const { post, stubs, sink } = await startStubbed([behaviour, 'ok'], {}, { retries: 3 })
    const response = await post(ask('What?', { stream: true }))
    expect(response.status).toBe(200)
    const events = await eventsOf(response)
    expect(events.at(-1)).toMatchObject({ error: { type: 'server_error', code: 'stream_interrupted' } })
    expect(events.filter((event) => 'error' in event)).toHaveLength(1)
    expect(stubs.map(({ requests }) => requests)).toEqual([1, 0])
    expect((await sink.last(1)).outcome).toMatchObject({
      ended: 'broken-stream',
      agent: 'a',
      code: 'stream_interrupted',
    })
  })

  it('counts against the agent, which is left alone when that happens again and again', async () => {
    const { post, stubs, sink } = await startStubbed(
      ['break', 'ok'],
      {},
      { breaker: { failures: 2, halfOpenAfterMs: 60_000 } },
    )
    for (let k = 0; k < 3; k++) await eventsOf(await post(ask('What?', { stream: true })))
    expect(stubs.map(({ requests }) => requests)).toEqual([2, 1])
    expect((await sink.last(3)).reason).toBe('fallback:breaker-open')
  })

  it('does not count where the client left', async () => {
    const { url, post, stubs, sink } = await startStubbed(
      ['stall'],
      {},
      { breaker: { failures: 1, halfOpenAfterMs: 60_000 } },
    )
    const leave = new AbortController()
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, signal: leave.signal }
    const body = JSON.stringify(ask('What?', { stream: true }))
    const response = await fetch(`${url}/chat/completions`, { ...init, body })
    await response.body!.getReader().read()
    leave.abort()
    expect((await sink.last(1)).outcome.ended).toBe('client-gone')
    stubs[0]!.behaviour = 'ok'
    expect((await post(ask('What?'))).status).toBe(200)
  })

  it('is left where nothing more comes for as long as a first token may take', async () => {
    const { post, sink } = await startStubbed(['stall', 'ok'], { deadlineMs: 5000 }, { timeoutMs: 100 })
    const events = await eventsOf(await post(ask('What?', { stream: true })))
    expect(events.at(-1)).toMatchObject({
      error: { code: 'stream_interrupted', message: "the agent's answer broke off: nothing came for 100 ms" },
    })
    expect((await sink.last(1)).outcome).toMatchObject({ ended: 'broken-stream', code: 'stream_interrupted' })
  })

  it('ends at the deadline', async () => {
    const { post, stubs, sink } = await startStubbed(['stall', 'ok'], { deadlineMs: 400 }, { timeoutMs: 5000 })
    const events = await eventsOf(await post(ask('What?', { stream: true })))
    expect(events.at(-1)).toMatchObject({ error: { code: 'deadline_exceeded' } })
    expect((await sink.last(1)).outcome).toMatchObject({ ended: 'broken-stream', code: 'deadline_exceeded' })
    await sleep(20)
    expect(stubs[0]!.aborted).toBe(1)
  })
})

describe('a client that leaves', () => {
  it.each([
    ['hang', false],
    ['stall', true],
  ])('%s, stream %s: ends the call to the agent', async (behaviour, stream) => {
    const { url, stubs, sink } = await startStubbed([behaviour, 'ok'], {}, { timeoutMs: 1000 })
    const leave = new AbortController()
    const request = fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ask('What?', { stream })),
      signal: leave.signal,
    })
    setTimeout(() => leave.abort(), 100)
    await expect(request.then((response) => response.text())).rejects.toThrowError(/abort/)
    const record = await sink.last(1)
    expect(record.outcome).toMatchObject({ ended: 'client-gone', status: null })
    await sleep(20)
    expect(stubs.map(({ requests, aborted }) => [requests, aborted])).toEqual([
      [1, 1],
      [0, 0],
    ])
  })
})

describe('stopping', () => {
  it('lets what is in work end, takes nothing more, and closes the log', async () => {
    const test = await startStubbed(['slow'])
    const running = test.post(ask('What?', { stream: true }))
    await sleep(50)
    const stopped = test.gateway.stop()
    await expect(test.post(ask('Too late'))).rejects.toThrowError(/fetch failed/)
    expect(await eventsOf(await running)).toHaveLength(6)
    await stopped
    expect(test.sink.closed).toBe(true)
    expect(test.sink.decided).toHaveLength(1)
  })

  it('gives up what takes too long, saying why', async () => {
    const test = await startStubbed(['hang'], { limits: { drainMs: 50 } }, { timeoutMs: 1400 })
    const running = test.post(ask('What?'))
    await sleep(50)
    const stopped = test.gateway.stop()
    const response = await running
    expect([response.status, (await errorOf(response)).code]).toEqual([503, 'shutting_down'])
    await stopped
  })
})
