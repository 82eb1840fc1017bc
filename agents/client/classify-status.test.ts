import { describe, expect, it } from 'vitest'
import { failureOf, retryAfterMs } from './classify-status.js'

const now = Date.parse('2026-01-01T00:00:00Z')

describe('failureOf', () => {
  it.each([
    [429, 'rate-limited', true, true],
    [500, 'server-error', true, true],
    [529, 'server-error', true, true],
    [408, 'server-error', true, true],
    [401, 'refused', false, true],
    [404, 'refused', false, true],
    [400, 'bad-request', false, false],
    [422, 'bad-request', false, false],
    [204, 'garbage', false, true],
    [301, 'garbage', false, true],
  ])('%i is %s', (status, outcome, retryable, counts) => {
    const failure = failureOf(status, undefined, '', now)
    expect([failure.outcome, failure.retryable, failure.countsAgainstAgent, failure.status]).toEqual([
      outcome,
      retryable,
      counts,
      status,
    ])
  })

  it('keeps what a refused request is told', () => {
    const body = JSON.stringify({ error: { message: 'too long', type: 'x', code: 'y', param: 3 } })
    expect(failureOf(400, undefined, body, now).upstream).toEqual({
      message: 'too long',
      type: 'x',
      code: 'y',
      param: null,
    })
    expect(failureOf(400, undefined, '<html>', now).upstream).toBeNull()
  })
})

describe('retryAfterMs', () => {
  it.each([
    [undefined, null],
    ['2', 2000],
    ['0.5', 500],
    ['Thu, 01 Jan 2026 00:00:03 GMT', 3000],
    ['Thu, 01 Jan 2015 00:00:03 GMT', 0],
    ['soon', null],
    ['-1', expect.anything()],
  ])('%s', (header, expected) => {
    if (header === '-1') expect(retryAfterMs(header, now)).toSatisfy((ms: number | null) => ms === null || ms >= 0)
    else expect(retryAfterMs(header, now)).toBe(expected)
  })
})
