import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { VectorEnv } from '#env/vector-env.js'
import { actionsFor, contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { independentQ } from './independent-q.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

it('keeps the heap flat over 10 million environment steps of learning', () => {
  const rows = 64
  const config = routingDispatch.schema.parse({})
  const env = new VectorEnv(() => routingDispatch.create(config), rows, 'heap', { observation: false, state: false })
  const learner = makeLearner(independentQ, contextFor(env, { discount: 0.97, totalSteps: 1e7 }))
  const actions = actionsFor(env)
  const run = (steps: number) => trainFor(env, learner, steps / rows, actions)
  env.reset()
  // Compiled code and feedback settle first.
  run(2e5)
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  run(1e7)
  // Numbers that V8 boxes while it compiles leave a little garbage; 3 bytes a step would be an object every few steps.
  const garbage = process.memoryUsage().heapUsed - before
  collectGarbage()
  const kept = process.memoryUsage().heapUsed - before
  expect({ kept: kept < 300_000, garbage: garbage < 3e7 }).toEqual({ kept: true, garbage: true })
}, 120_000)
