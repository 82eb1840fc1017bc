import { expect, it } from 'vitest'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { VectorEnv } from '#env/vector-env.js'
import { checkNumbers } from './check-numbers.js'

const started = () => {
  const env = new VectorEnv(() => routingDispatch.create(routingDispatch.schema.parse({})), 2, 'check')
  env.reset()
  return env
}

it.each([-1, 2016, 5e7])('refuses observation and state %d', (number) => {
  const seen = started()
  seen.current.observationId[4] = number
  expect(() => checkNumbers(seen.spec, seen.current)).toThrowError(
    `routing-dispatch, row 1: agent "agent-1" sees observation ${number}, expected 0 to 2015; see spec, or run cadre check`,
  )
  const placed = started()
  placed.current.stateId[0] = number
  expect(() => checkNumbers(placed.spec, placed.current)).toThrowError(
    `row 0: it is in state ${number}, expected 0 to 2015`,
  )
})

it('takes numbers in range, and any of an agent that acts no more', () => {
  const env = started()
  expect(() => checkNumbers(env.spec, env.current)).not.toThrow()
  env.current.alive[0] = 0
  env.current.observationId[0] = -1
  expect(() => checkNumbers(env.spec, env.current)).not.toThrow()
  env.current.observationId[1] = -1
  expect(() => checkNumbers(env.spec, env.current, Uint8Array.of(1, 0))).not.toThrow()
})
