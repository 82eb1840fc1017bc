import { describe, expect, it } from 'vitest'
import { readErrorBody, readToldError } from './upstream-error.js'

describe('the error that a body tells', () => {
  it.each([
    ['of the API', { error: { message: 'm', type: 't', param: 'p', code: 'c' } }, ['m', 't', 'p', 'c', null]],
    ['with a status as code', { error: { message: 'm', code: 502 } }, ['m', null, null, '502', 502]],
    ['with a status by name', { error: { message: 'm', code: 'x', status: 429 } }, ['m', null, null, 'x', 429]],
    ['as text', { error: 'invalid options: num_ctx' }, ['invalid options: num_ctx', null, null, null, null]],
    [
      'at the top',
      { object: 'error', message: 'm', type: 'BadRequestError', param: null, code: 400 },
      ['m', 'BadRequestError', null, '400', 400],
    ],
    ['at the top without more', { message: 'm' }, ['m', null, null, null, null]],
    ['in detail', { detail: 'm' }, ['m', null, null, null, null]],
    [
      'in a list of problems',
      { detail: [{ loc: ['body', 'temperature'], msg: 'must be at most 2', type: 'value_error' }] },
      ['must be at most 2', 'value_error', 'temperature', null, null],
    ],
    [
      'in several problems',
      { detail: [{ loc: ['body', 'a', 0], msg: 'm' }, { msg: 'n' }] },
      ['m; n', null, 'a.0', null, null],
    ],
    ['in detail as an object', { detail: { message: 'm', code: 'c' } }, ['m', null, null, 'c', null]],
    ['nested once more', { error: { error: { message: 'm' } } }, ['m', null, null, null, null]],
    ['in a list', [{ error: { message: 'm', code: 400 } }], ['m', null, null, '400', 400]],
    ['among errors', { errors: [{ message: 'm' }] }, ['m', null, null, null, null]],
    [
      'without a message',
      { error: { type: 'overloaded_error' } },
      ['overloaded_error', 'overloaded_error', null, null, null],
    ],
    ['without anything', { error: {} }, ['an error without a message', null, null, null, null]],
  ])('%s', (_, json, expected) => {
    const { message, type, param, code, status } = readToldError(json)!
    expect([message, type, param, code, status]).toEqual(expected)
  })

  it.each([
    [{ choices: [{}], message: 'no error' }],
    [{ error: null, choices: [] }],
    [{ error: '' }],
    [{}],
    [[]],
    [null],
    ['text'],
    [{ detail: [] }],
  ])('is none in %j', (json) => {
    expect(readToldError(json)).toBeNull()
  })

  it('is read of a text, with or without a byte order mark, and of no page', () => {
    expect(readErrorBody('\uFEFF{"error": "m"}')?.message).toBe('m')
    expect(readErrorBody('  upstream timed out\n')?.message).toBe('upstream timed out')
    for (const page of ['<html>no</html>', '', '{"error": {"message": "cut', 'x'.repeat(1001)]) {
      expect(readErrorBody(page)).toBeNull()
    }
  })
})
