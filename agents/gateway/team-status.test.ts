import { describe, expect, it } from 'vitest'
import { ask, startStubbed, teamKey } from '../testing/test-gateway.js'
import { statusPage } from './status-page.js'
import type { TeamStatus } from './team-status.js'

const setUp = async (...parts: Parameters<typeof startStubbed>) => {
  const test = await startStubbed(...parts)
  const status = async () => (await (await fetch(`${test.url}/team`)).json()) as TeamStatus
  return { ...test, status }
}

describe('/v1/team', () => {
  it('says how each agent is, and what was decided of late', async () => {
    const breaker = { failures: 2, halfOpenAfterMs: 60_000 }
    const { post, status, sink, stubs } = await setUp(['500', 'ok'], {}, { breaker })
    for (let k = 0; k < 3; k++) await post(ask('What?'))
    stubs[1]!.behaviour = 'garbage'
    await post(ask('What?'))
    stubs[1]!.behaviour = 'break'
    await (await post(ask('What?', { stream: true }))).text()
    await sink.last(5)
    const { startedAt, uptimeMs, recent, ...seen } = await status()
    expect(Date.parse(startedAt)).toBeGreaterThan(0)
    expect(uptimeMs).toBeGreaterThanOrEqual(0)
    const none = { queue: null, capacity: null, inService: null, claims: null }
    expect(seen).toEqual({
      team: 'test',
      mode: 'router',
      policy: { name: 'always', sha256: null, version: null },
      dispatch: null,
      agents: [
        {
          ...{ name: 'a', up: true, reason: 'breaker-open: HTTP 500: broken', breaker: 'open', ...none },
          ...{ answered: 0, failed: 2 },
          lastFault: { time: expect.any(String), outcome: 'server-error', detail: 'HTTP 500: broken' },
        },
        {
          ...{ name: 'b', up: true, reason: 'breaker-open: broken-stream', breaker: 'open', ...none },
          ...{ answered: 3, failed: 2 },
          lastFault: { time: expect.any(String), outcome: 'broken-stream', detail: null },
        },
      ],
    })
    expect(recent.map(({ choice, reason, by }) => [choice, reason, by])).toEqual([
      ['b', 'fallback:breaker-open', 'always'],
      ['b', 'fallback:breaker-open', 'always'],
      ['b', 'fallback:breaker-open', 'always'],
      ['a', 'always', 'always'],
      ['a', 'always', 'always'],
    ])
    expect(recent[0]).toEqual({
      ...{ time: expect.any(String), request: expect.any(String), type: null },
      ...{
        choice: 'b',
        drawnFrom: null,
        by: 'always',
        reason: 'fallback:breaker-open',
        actions: ['a', 'b'],
        scores: null,
      },
    })
  })

  it('keeps the last fifty decisions, newest first', async () => {
    const { post, status, sink } = await setUp(['ok'])
    for (let k = 0; k < 52; k++) await post(ask('What?'))
    const requests = sink.decided.map(({ request }) => request)
    expect((await status()).recent.map(({ request }) => request)).toEqual(requests.slice(2).reverse())
  })

  it('wants a key where keys are; the page has none and shows nothing by itself', async () => {
    const keys = [teamKey('k')]
    const { url } = await setUp(['ok'], { keys })
    expect((await fetch(`${url}/team`)).status).toBe(401)
    const page = await fetch(`${url.replace('/v1', '')}/team`)
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      statusPage.html,
    ])
    expect(statusPage.html).not.toMatch(/https?:\/\//)
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'sha256-/)
  })
})
