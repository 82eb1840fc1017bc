import { describe, expect, it } from 'vitest'
import { failureOf, failureTold } from './classify-status.js'

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
    [413, 'unfit', false, false],
    [204, 'garbage', false, true],
    [301, 'garbage', false, true],
  ])('%i is %s', (status, outcome, retryable, counts) => {
    const failure = failureOf(status, null, '')
    expect([failure.outcome, failure.retryable, failure.countsAgainstAgent, failure.status]).toEqual([
      outcome,
      retryable,
      counts,
      status,
    ])
  })

  it('keeps what a refused request is told', () => {
    const body = JSON.stringify({ error: { message: 'too long', type: 'x', code: 'y', param: 3 } })
    expect(failureOf(400, null, body).upstream).toMatchObject({
      message: 'too long',
      type: 'x',
      code: 'y',
      param: null,
    })
    expect(failureOf(400, null, '<html>').upstream).toBeNull()
  })
})

describe('a limit of one agent', () => {
  it.each(['context_length_exceeded', 'string_above_max_length', 'unsupported_content', 'image_not_supported'])(
    'is no fault, and no limit of the next: %s',
    (code) => {
      const { outcome, countsAgainstAgent, retryable } = failureOf(
        400,
        null,
        JSON.stringify({ error: { message: 'm', code } }),
      )
      expect([outcome, countsAgainstAgent, retryable]).toEqual(['unfit', false, false])
    },
  )

  it('is not guessed from words', () => {
    const body = JSON.stringify({ message: 'maximum context length is 4096 tokens', code: 400 })
    expect(failureOf(400, null, body).outcome).toBe('bad-request')
  })
})

describe('an error told within a 200', () => {
  const told = (status: number | null) => ({ message: 'm', type: null, param: null, code: null, status })

  it.each([
    [null, 'server-error'],
    [502, 'server-error'],
    [429, 'rate-limited'],
    [400, 'bad-request'],
    [401, 'refused'],
  ])('is what the status %s that it names would be', (status, outcome) => {
    expect(failureTold(told(status)).outcome).toBe(outcome)
  })

  it('breaks the stream once a token has come, with its own words', () => {
    const { outcome, detail } = failureTold({ ...told(400), message: 'out of memory' }, 'broken-stream')
    expect([outcome, detail]).toEqual(['broken-stream', 'out of memory'])
  })
})
