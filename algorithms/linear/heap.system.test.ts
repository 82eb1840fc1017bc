import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { VectorEnv } from '#env/vector-env.js'
import type { LearnerEntry } from '../learner.js'
import { FeatureEnv } from '../testing/feature-env.js'
import { actionsFor, contextFor, makeLearner } from '../testing/make-learner.js'
import { leastSquaresQ } from './least-squares-q.js'
import { linearQ } from './linear-q.js'
import { thompson } from './thompson.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const learners: [LearnerEntry, object][] = [
  [linearQ, { feedback: 'full' }],
  [leastSquaresQ, { covariance: 'full' }],
  [thompson, { covariance: 'diagonal' }],
]

it.each(learners)('acts and learns without making objects (%#)', (entry, settings) => {
  const rows = 64
  const needs = entry.needs!(entry.schema.parse(settings))
  const env = new VectorEnv(() => new FeatureEnv({ steps: 2 }), rows, 'heap', needs)
  const learner = makeLearner(entry, contextFor(env, { totalSteps: 1e6 }), settings)
  const actions = actionsFor(env)
  // The environment of the tests allocates: it stands still here, and its one transition is learned again and again.
  env.reset()
  learner.act(env.current, actions)
  const transition = env.step(actions)
  const run = (vectorSteps: number) => {
    for (let k = 0; k < vectorSteps; k++) {
      learner.act(env.current, actions)
      learner.update(transition)
    }
  }
  // Compiled code and feedback settle first; where the machine is busy that takes a few rounds.
  run(1000)
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  let garbage = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    collectGarbage()
    const start = process.memoryUsage().heapUsed
    run(3000)
    // V8 boxes a number handed to a function that it doesn't inline, at 16 bytes; an object a decision would be 40 and more.
    garbage = Math.min(garbage, (process.memoryUsage().heapUsed - start) / (3000 * actions.length))
  }
  collectGarbage()
  const kept = process.memoryUsage().heapUsed - before
  expect({ kept: kept < 300_000, garbage: garbage < 36 }).toEqual({ kept: true, garbage: true })
})
