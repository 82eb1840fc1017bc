import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { DecisionLog } from '../log/decision-log.js'
import type { DecisionFields } from '../log/log-kinds.js'
import { Metrics } from '../metrics/metrics.js'
import { GivenClock } from '../testing/given-clock.js'
import { MemorySink } from '../testing/memory-sink.js'
import { ask, startOpenAndClosed, type TestGateway } from '../testing/test-gateway.js'
import type { ErrorBody } from './api-error.js'
import { FeedbackDesk } from './feedback.js'
import { GatewayMetrics } from './gateway-metrics.js'
import { Ledger } from './ledger.js'
import { WorkList } from './work.js'

const key = 'sk-cadre-test'
const long = 'f47ac10b-58cc-4372-a567-0e02b2c3d479'
let open: TestGateway
let closed: TestGateway
beforeAll(async () => {
  const both = await startOpenAndClosed(key, { timeoutMs: 1400 })
  ;({ open, closed } = both)
  return both.close
})

const tell = async (test: TestGateway, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${test.url}/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as object, headers: response.headers }
}
const lines = ({ sink }: TestGateway) =>
  sink.reading.records.flatMap((record) => (record.kind === 'feedback' ? record.fields : []))

describe('feedback', () => {
  it('is a line, once: the same again is none, another score supersedes', async () => {
    const request = (await open.post(ask('What?'))).headers.get('x-cadre-request-id')!
    const said = { request, score: 0.25, source: 'user', comment: 'too short' }
    const base = { request, source: 'user', known: true }
    expect(await tell(open, said)).toMatchObject({ status: 200, body: { ...base, score: 0.25, status: 'new' } })
    expect(await tell(open, said)).toMatchObject({ status: 200, body: { ...base, score: 0.25, status: 'repeated' } })
    expect((await tell(open, { request, label: 'good', source: 'user' })).body).toEqual({
      ...{ ...base, score: 1, status: 'changed' },
    })
    expect((await tell(open, { request, label: 'bad' })).body).toEqual({
      ...{ request, source: 'client', known: true, score: 0, status: 'new' },
    })
    const more = { comment: null, key: null }
    expect(lines(open)).toEqual([
      { ...base, score: 0.25, label: null, comment: 'too short', key: null },
      { ...base, score: 1, label: 'good', ...more },
      { request, source: 'client', known: true, score: 0, label: 'bad', ...more },
    ])
    expect(open.sink.reading.requests.get(request)!.feedback.map(({ score }) => score)).toEqual([1, 0])
  })

  it('comes days later, too, when nobody knows the request any more', async () => {
    expect(await tell(open, { request: long, score: 1 })).toMatchObject({ status: 200, body: { known: false } })
    expect(lines(open).at(-1)).toMatchObject({ request: long, known: false })
    expect(open.sink.reading.strayFeedback).toHaveLength(1)
  })

  it.each([
    [{ request: 'nonsense', score: 1 }, 404, 'request_not_found', 'request'],
    [{ score: 1 }, 400, 'invalid_request', 'request'],
    [{ request: long }, 400, 'invalid_request', null],
    [{ request: long, score: 1, label: 'good' }, 400, 'invalid_request', null],
    [{ request: long, score: 1.5 }, 400, 'invalid_request', 'score'],
    [{ request: long, label: 'meh' }, 400, 'invalid_request', 'label'],
    [{ request: long, score: 1, source: '' }, 400, 'invalid_request', 'source'],
    [{ request: long, score: 1, sorce: 'x' }, 400, 'invalid_request', null],
    ['{', 400, 'invalid_json', null],
    [{ request: long, score: 1, comment: 'x'.repeat(70_000) }, 413, 'request_too_large', null],
  ])('%#: is refused where it can be no feedback', async (body, status, code, param) => {
    const before = lines(open).length
    const answer = await tell(open, body)
    expect(answer).toMatchObject({ status, body: { error: { code, param } } })
    expect(lines(open)).toHaveLength(before)
    if (code === 'request_not_found') {
      expect((answer.body as ErrorBody).error.message).toBe(
        'there was no request "nonsense"; give the id that its answer has in the header x-cadre-request-id',
      )
    }
  })

  it('wants a key where keys are, and is from its name unless it says otherwise', async () => {
    expect((await tell(closed, { request: long, score: 1 })).status).toBe(401)
    const headers = { authorization: `Bearer ${key}` }
    expect((await tell(closed, { request: long, score: 1 }, headers)).status).toBe(200)
    expect(lines(closed)).toEqual([
      { request: long, source: 'ci', score: 1, label: null, comment: null, key: 'ci', known: false },
    ])
  })

  it('is to be sent again where it cannot be logged', async () => {
    open.sink.full = true
    const said = { request: long, score: 0.5, source: 'late' }
    const answer = await tell(open, said)
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'not_logged' } } })
    expect(answer.headers.get('retry-after')).toBe('5')
    open.sink.full = false
    expect((await tell(open, said)).body).toMatchObject({ status: 'new' })
  })

  it('takes POST only', async () => {
    expect((await fetch(`${open.url}/feedback`)).status).toBe(405)
  })
})

const makeLedger = (log: DecisionLog, clock: GivenClock) =>
  new Ledger(log, new GatewayMetrics(new Metrics(), { clients: () => [], log, inWork: () => 0 }), clock)

describe('the desk itself', () => {
  const begin = () => {
    const clock = new GivenClock()
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const heard: [string, number][] = []
    const ledger = makeLedger(new DecisionLog(new MemorySink(), logger, clock), clock)
    const desk = new FeedbackDesk({
      works: new WorkList({ concurrentRequests: 1, bodiesBytes: 1e6 }, 1000, clock),
      ledger,
      onFeedback: (request, score) => void heard.push([request, score]),
    })
    const take = async (body: object) => {
      const incoming = Object.assign(new PassThrough(), { headers: { 'content-type': 'application/json' } })
      const outgoing = new PassThrough()
      incoming.end(JSON.stringify(body))
      const streams = {
        incoming: incoming as unknown as IncomingMessage,
        outgoing: outgoing as unknown as ServerResponse,
      }
      try {
        return await desk.take({ id: '1', key: null, ...streams })
      } finally {
        outgoing.emit('close')
      }
    }
    return { ledger, heard, take }
  }

  it('tells whoever hears of it each score once, and each change, of requests that it knows', async () => {
    const { ledger, heard, take } = begin()
    await take({ request: long, score: 0.5 })
    ledger.decided({ request: long, reason: 'policy', choice: 'a' } as DecisionFields)
    for (const label of ['good', 'good', 'bad']) await take({ request: long, label })
    expect(heard).toEqual([
      [long, 1],
      [long, 0],
    ])
  })

  it('has another line where only its comment is another', async () => {
    const { take } = begin()
    const told: unknown[] = []
    for (const comment of ['short', 'short', 'too short', undefined]) {
      told.push(await (await take({ request: long, label: 'bad', comment })).json())
    }
    expect(told).toMatchObject(['new', 'repeated', 'changed', 'changed'].map((status) => ({ status })))
  })

  it('takes ids of any form that were given', async () => {
    const { ledger, take } = begin()
    await expect(take({ request: 'r1', score: 1 })).rejects.toMatchObject({ status: 404 })
    ledger.decided({ request: 'r1', reason: 'policy', choice: 'a' } as DecisionFields)
    expect(await (await take({ request: 'r1', score: 1 })).json()).toMatchObject({ known: true, status: 'new' })
  })
})
