import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { Rng } from '#env/rng.js'
import { envConformance } from '#env/testing/env-conformance.js'
import { TwoDials } from '#env/testing/two-dials.js'
import { VectorEnv } from '#env/vector-env.js'
import { random } from '../baselines/random.js'
import { roundRobin } from '../baselines/round-robin.js'
import type { LearnerEntry } from '../learner.js'
import { leastSquaresQ } from '../linear/least-squares-q.js'
import { evaluatePolicy } from '../planning/policy-evaluation.js'
import { valueIteration } from '../planning/value-iteration.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { decomposedQ } from './decomposed-q.js'
import { independentQ } from './independent-q.js'
import { jointActionQ } from './joint-action-q.js'
import { loadTabularPolicy } from './load-tabular-policy.js'

const gamma = 0.9
const make = () => new TwoDials()
const model = toJointMdp(make())

describe('two-dials', () => envConformance(make))
describe('independent-q, several choices', () => learnerConformance(independentQ, make))
describe('decomposed-q, several choices', () => learnerConformance(decomposedQ, make))
describe('joint-action-q, several choices', () => learnerConformance(jointActionQ, make))

describe('an agent that makes several choices at once', () => {
  it('is planned for: 2 + 1 where the best position is blocked, then 2 + 3 + 1', () => {
    expect(model.numActions).toBe(2 * 3 * 2)
    const { value } = valueIteration(model, { discount: gamma, epsilon: 1e-9 })
    expect(value[0]).toBeCloseTo(3 + gamma * 6, 8)
  })

  it('is evaluated exactly: at random, choice by choice', () => {
    const policy = random.create({ spec: make().spec, envConfig: {} }, {})
    // State 0: 1 + 0.5, half of the time followed by state 1: 1 + 4/3 + 0.5.
    const expected = 1.5 + gamma * 0.5 * (1 + 4 / 3 + 0.5)
    expect(evaluatePolicy(model, policy, { discount: gamma, epsilon: 1e-9 }).start).toBeCloseTo(expected, 8)
  })

  it.each<[string, LearnerEntry]>([
    ['independent-q', independentQ],
    ['decomposed-q', decomposedQ],
    ['joint-action-q', jointActionQ],
  ])('is learned for by %s, whose policy comes back from a bundle', (_, entry) => {
    const env = new VectorEnv(make, 4, 'dials')
    const learner = makeLearner(entry, contextFor(env, { totalSteps: 8000, rng: new Rng('dials') }), { exploration: 1 })
    env.reset()
    trainFor(env, learner, 2000)
    const policy = learner.policy()
    for (const one of [policy, loadTabularPolicy(policy.export!(), env.spec)]) {
      expect(evaluatePolicy(model, one, { discount: gamma, epsilon: 1e-9 }).start).toBeCloseTo(3 + gamma * 6, 8)
    }
  })

  it('is refused, by name, where one choice is needed', () => {
    const context = contextFor(new VectorEnv(make, 1, 'x'))
    const message = /agent "operator" of two-dials makes several choices at once/
    expect(() => makeLearner(leastSquaresQ, context)).toThrowError(message)
    expect(() => roundRobin.create({ spec: context.spec, envConfig: {} }, {})).toThrowError(message)
  })
})
