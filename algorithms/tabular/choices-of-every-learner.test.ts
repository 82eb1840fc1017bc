import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { Rng } from '#env/rng.js'
import { TwoDials } from '#env/testing/two-dials.js'
import { VectorEnv } from '#env/vector-env.js'
import { learners } from '../learners.js'
import { evaluatePolicy } from '../planning/policy-evaluation.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { loadTabularPolicy } from './load-tabular-policy.js'

const make = () => new TwoDials()
const model = toJointMdp(make())
const gamma = 0.9
/** Linear and deep learners take one choice an agent, q-learning and afterstate-td one agent. */
const oneChoice = [
  'q-learning',
  'afterstate-td',
  'linear-q',
  'least-squares-q',
  'replay-least-squares',
  'lin-ucb',
  'thompson',
  'dqn',
  'iql',
  'vdn',
  'qmix',
]
const table = learners
  .filter(({ name }) => !oneChoice.includes(name))
  .map((entry) => ({ entry, more: entry.name === 'distributed-q' ? { initialValue: -1 } : {} }))

describe('an agent that makes several choices at once, in every learner that takes it', () => {
  it('is what these learners take', () => {
    expect(table.map(({ entry }) => entry.name).sort()).toEqual([
      'decomposed-q',
      'distributed-q',
      'double-q',
      'expected-sarsa',
      'hysteretic-q',
      'independent-q',
      'joint-action-q',
      'lenient-q',
      'n-step-q',
      'q-lambda',
      'sarsa',
    ])
  })

  describe.each(table)('$entry.name', ({ entry, more }) => {
    learnerConformance(entry, make, { exploration: 0.3, ...more }, { vectorSteps: 200 })

    it('learns the best choices, row by row, and its policy comes back from a bundle', () => {
      const env = new VectorEnv(make, 4, 'dials')
      const context = contextFor(env, { totalSteps: 8000, rng: new Rng('dials') })
      const learner = makeLearner(entry, context, { exploration: 0.5, learningRate: 0.1, ...more })
      env.reset()
      trainFor(env, learner, 2000)
      const policy = learner.policy()
      for (const one of [policy, loadTabularPolicy(policy.export!(), env.spec)]) {
        expect(evaluatePolicy(model, one, { discount: gamma, epsilon: 1e-9 }).start).toBeCloseTo(3 + gamma * 6, 8)
      }
    })
  })
})
