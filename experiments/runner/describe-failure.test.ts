import { expect, it } from 'vitest'
import { ModelError } from '#env/errors.js'
import { describeFailure } from './describe-failure.js'

const withStack = (stack: string) => Object.assign(new TypeError('x is not a function'), { stack })

it("names the first place of a user's own file, and keeps the stack", () => {
  const stack = [
    'TypeError: x is not a function',
    '    at Array.map (<anonymous>)',
    '    at node:internal/timers:581:17',
    '    at helper (/home/me/node_modules/pkg/index.js:1:2)',
    `    at Trial.step (${import.meta.url}:10:3)`,
    '    at MyEnv.step (file:///home/me/my%20world.mjs?v=2:12:7)',
    '    at file:///home/me/other.mjs:1:1',
  ].join('\n')
  expect(describeFailure(withStack(stack), 'after 40 steps: ')).toEqual({
    code: 'TypeError',
    message: 'after 40 steps: x is not a function (at /home/me/my world.mjs:12:7)',
    stack,
  })
})

it('names no place where the fault is in no file of a user', () => {
  expect(describeFailure(withStack(`TypeError: no\n    at f (${import.meta.url}:1:1)`)).message).toBe(
    'x is not a function',
  )
  expect(describeFailure('text')).toEqual({ code: 'UNKNOWN', message: 'text' })
  expect(describeFailure(new ModelError('m'))).toEqual({ code: 'ERR_MODEL', message: 'm' })
})
