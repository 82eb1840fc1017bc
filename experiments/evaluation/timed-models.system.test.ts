import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { plannedPolicy } from '#algorithms/planning/planned-policy.js'
import { evaluatePolicy } from '#algorithms/planning/policy-evaluation.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { contextFor, makeLearner, trainFor } from '#algorithms/testing/make-learner.js'
import { randomTimedModel, slowOrFast } from '#algorithms/testing/models.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { envConformance } from '#env/testing/env-conformance.js'
import { ModelEnv } from '#env/testing/model-env.js'
import { VectorEnv } from '#env/vector-env.js'
import { sampleEpisodes } from './sampled-evaluation.js'

const DISCOUNT = 0.9
/** Of Q-learning: episodes begun, and steps until the next begins. */
const EPISODES = 500
const EPISODE = 20
/** Half of a 99% interval, in standard errors. */
const HALF_99 = 2.576

describe('a model with times, played', () => envConformance(() => new ModelEnv(slowOrFast())))

describe('50 random models with times', () => {
  const models = fc.sample(randomTimedModel, { numRuns: 50, seed: 7 })

  it('value iteration, its bounds and policy evaluation agree within 1e-8', () => {
    for (const model of models) {
      const mdp = toJointMdp(new ModelEnv(model))
      const { value, lower, upper } = valueIteration(mdp, { discount: DISCOUNT, epsilon: 1e-9 })
      const best = plannedPolicy(mdp, new ModelEnv(model).spec, qValues(mdp, value, DISCOUNT))
      evaluatePolicy(mdp, best, { discount: DISCOUNT }).value.forEach((v, s) => {
        expect(Math.abs(v - value[s]!)).toBeLessThanOrEqual(1e-8)
        expect(v).toBeLessThanOrEqual(upper[s]! + 1e-9)
        expect(v).toBeGreaterThanOrEqual(lower[s]! - 1e-9)
      })
    }
  })

  it('and sampled episodes, of the best and of random play, within 99% intervals', () => {
    let outside = 0
    models.forEach((model, k) => {
      const { spec } = new ModelEnv(model)
      const mdp = toJointMdp(new ModelEnv(model))
      const { value } = valueIteration(mdp, { discount: DISCOUNT, epsilon: 1e-9 })
      const best = plannedPolicy(mdp, spec, qValues(mdp, value, DISCOUNT))
      for (const policy of [best, random.create({ spec, envConfig: {} }, {})]) {
        const { score } = sampleEpisodes(() => new ModelEnv(model), policy, {
          episodes: 200,
          discount: DISCOUNT,
          seed: `timed-${k}`,
        })
        const mean = score.reduce((sum, x) => sum + x, 0) / score.length
        const spread = Math.sqrt(score.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (score.length - 1))
        const error = spread / Math.sqrt(score.length)
        const exact = evaluatePolicy(mdp, policy, { discount: DISCOUNT }).start
        // Episodes are cut where what follows counts for less than a millionth.
        const apart = Math.max(0, Math.abs(mean - exact) - 1e-3)
        expect(apart, `model ${k}`).toBeLessThanOrEqual(5 * error)
        if (apart > HALF_99 * error) outside++
      }
    })
    // 1 in 100 by chance; more than 4 of 100 once in 300.
    expect(outside).toBeLessThanOrEqual(4)
  })

  it('and Q-learning, whose greedy policy is worth the optimum', () => {
    models.forEach((model, k) => {
      const env = new VectorEnv(() => new ModelEnv(model), 16, `timed-${k}`)
      const context = contextFor(env, { discount: DISCOUNT, totalSteps: EPISODES * EPISODE * env.size })
      const learner = makeLearner(independentQ, context, {
        exploration: 1,
        learningRate: { kind: 'geometric', from: 0.5, to: 0.001 },
      })
      for (let episode = 0; episode < EPISODES; episode++) {
        env.reset()
        trainFor(env, learner, EPISODE)
      }
      const mdp = toJointMdp(new ModelEnv(model))
      const learned = evaluatePolicy(mdp, learner.policy(), { discount: DISCOUNT, epsilon: 1e-9 }).start
      const { value } = valueIteration(mdp, { discount: DISCOUNT, epsilon: 1e-9 })
      const best = mdp.start.reduce((sum, p, s) => sum + p * value[s]!, 0)
      expect(Math.abs(best - learned), `model ${k}`).toBeLessThanOrEqual(1e-8)
    })
  })
})
