import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ask, startStubbed, teamKey } from '../testing/test-gateway.js'

const setUp = async (...parts: Parameters<typeof startStubbed>) => {
  const test = await startStubbed(...parts)
  const page = (headers: Record<string, string> = {}) => fetch(`${test.url.replace('/v1', '')}/metrics`, { headers })
  /** Value by name and labels. */
  const values = async () => {
    const lines = (await (await page()).text()).split('\n').filter((line) => !line.startsWith('#') && line !== '')
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    )
  }
  return { ...test, page, values }
}

describe('/metrics', () => {
  it('counts requests, decisions, tries, errors and feedback', async () => {
    const breaker = { failures: 1, halfOpenAfterMs: 60_000 }
    const { post, url, page, values, stubs, sink } = await setUp(['500', 'ok'], {}, { breaker })
    for (let k = 0; k < 3; k++) await post(ask('What?'))
    stubs[1]!.behaviour = '500'
    const failed = await post(ask('What?'))
    const request = failed.headers.get('x-cadre-request-id')
    expect([failed.status, (await post('{')).status]).toEqual([503, 400])
    const headers = { 'content-type': 'application/json' }
    for (const score of [0, 0, 1]) {
      await fetch(`${url}/feedback`, { method: 'POST', headers, body: JSON.stringify({ request, score }) })
    }
    await sink.last(4)
    const seen = await values()
    const expected = {
      'cadre_requests_total{outcome="answered",agent="b"}': 3,
      'cadre_requests_total{outcome="error",agent=""}': 1,
      'cadre_decisions_total{choice="a",reason="always"}': 1,
      'cadre_decisions_total{choice="b",reason="fallback:breaker-open"}': 3,
      'cadre_attempts_total{agent="a",outcome="server-error"}': 1,
      'cadre_attempts_total{agent="b",outcome="answered"}': 3,
      'cadre_attempts_total{agent="b",outcome="server-error"}': 1,
      'cadre_error_responses_total{status="503"}': 1,
      'cadre_error_responses_total{status="400"}': 1,
      'cadre_feedback_total{status="new"}': 1,
      'cadre_feedback_total{status="repeated"}': 1,
      'cadre_feedback_total{status="changed"}': 1,
      'cadre_request_seconds_count{agent="b"}': 3,
      'cadre_first_token_seconds_count{agent="b"}': 3,
      'cadre_agent_up{agent="a"}': 1,
      'cadre_agent_breaker{agent="a",state="closed"}': 0,
      'cadre_agent_breaker{agent="a",state="open"}': 1,
      cadre_log_ok: 1,
      cadre_log_lost_lines_total: 0,
      cadre_requests_in_work: 0,
    }
    for (const [name, value] of Object.entries(expected)) expect([name, seen.get(name)]).toEqual([name, value])
    expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
    if (process.platform === 'linux') expect(seen.get('process_open_fds')).toBeGreaterThan(3)
    expect((await page()).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it('tells of lines that are lost, and of requests in work', async () => {
    const { post, values, sink, stubs } = await setUp(['hang'], {}, { timeoutMs: 1400 })
    sink.full = true
    const running = post(ask('What?'))
    while (stubs[0]!.requests === 0) await new Promise((done) => setTimeout(done, 2))
    const seen = await values()
    expect([
      seen.get('cadre_requests_in_work'),
      seen.get('cadre_log_lost_lines_total'),
      seen.get('cadre_log_ok'),
    ]).toEqual([1, 1, 0])
    await running
  })

  it('is fenced as the API is', async () => {
    const keys = [teamKey('k')]
    const closed = await setUp(['ok'], { keys })
    expect((await closed.page()).status).toBe(401)
    expect((await closed.page({ authorization: 'Bearer k' })).status).toBe(200)
    const fenced = await setUp(['ok'])
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(fenced.url).port), '127.0.0.1')
      socket.on('data', (part) => resolve(part.toString()))
      socket.write('GET /metrics HTTP/1.1\r\nconnection: close\r\nhost: evil.example\r\n\r\n')
    })
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect((await fetch(`${fenced.url.replace('/v1', '')}/metrics`, { method: 'POST' })).status).toBe(405)
  })

  it('counts what is refused at the door and what is no HTTP', async () => {
    const { url, values } = await setUp(['ok'])
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
      socket.on('close', () => resolve()).resume()
    })
    expect((await values()).get('cadre_error_responses_total{status="400"}')).toBe(1)
  })
})
