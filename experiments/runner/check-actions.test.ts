import { expect, it } from 'vitest'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { VectorEnv } from '#env/vector-env.js'
import { checkActions } from './check-actions.js'

const env = new VectorEnv(() => routingDispatch.create(routingDispatch.schema.parse({})), 2, 'check')
env.reset()

it.each([
  [
    [0, 0, 0, 0, 7, 0],
    /row 1, agent "agent-1": the learner chose action 7, legal are 0; choose within the mask\. If the learner does, one number may stand for two masks: run cadre check on the environment$/,
  ],
  // No query has arrived: nobody may claim.
  [[0, 0, 1, 0, 0, 0], /row 0, agent "agent-2": the learner chose action 1, legal are 0/],
  [[-1, 0, 0, 0, 0, 0], /row 0, agent "agent-0": the learner chose action -1/],
])('refuses the actions %j', (actions, message) => {
  expect(() => checkActions(env, Int32Array.from(actions))).toThrowError(message)
})

it('takes what the mask allows', () => {
  expect(() => checkActions(env, new Int32Array(6))).not.toThrow()
})
