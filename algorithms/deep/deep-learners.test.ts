import { describe, expect, it } from 'vitest'
import { cartPole } from '#env/cart-pole/entry.js'
import type { Env } from '#env/env.js'
import { NonFiniteError, SpaceError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { LeavingTeam } from '#env/testing/leaving-team.js'
import { TwoStep } from '#env/two-step/two-step.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Learner, LearnerEntry } from '../learner.js'
import { FeatureEnv } from '../testing/feature-env.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { dqn, dqnWith } from './dqn.js'
import { iql } from './iql.js'
import { qmix } from './qmix.js'
import { vdn } from './vdn.js'

const pole = () => cartPole.create(cartPole.schema.parse({}))
const leaving = () => new LeavingTeam()
const twoStep = () => new TwoStep()
const exploration = 0.3
const network = { hidden: [8] }
const steps = { startAfter: 20, batch: 8 }
const episodes = { exploration, network, replay: { batch: 4, capacity: 20, trainEvery: 2 } }

describe('dqn', () => learnerConformance(dqn, pole, { exploration, network, replay: steps }))
describe('dqn, by priority, duelling, three steps, forgetting', () =>
  learnerConformance(dqn, pole, {
    exploration,
    network: { hidden: [8], duelling: true },
    target: { rate: 0.01 },
    replay: { ...steps, capacity: 100, nStep: 3, prioritised: {} },
  }))
describe('iql', () => learnerConformance(iql, leaving, episodes))
describe('vdn', () => learnerConformance(vdn, leaving, { ...episodes, sharing: 'none' }))
describe('qmix', () => learnerConformance(qmix, twoStep, episodes))
describe('qmix of an open team', () => learnerConformance(qmix, leaving, episodes))

/** What the greedy team earns in the two-step game after some steps of nothing but exploring. */
function earnedInTwoStep(entry: LearnerEntry, seed: number, taken: number): number {
  const env = new VectorEnv(twoStep, 8, `${seed}/env`)
  const settings = {
    exploration: 1,
    network: { hidden: [32] },
    replay: { capacity: 500, trainEvery: 8 },
    target: { every: 50 },
    learningRate: 5e-3,
  }
  const context = contextFor(env, { discount: 0.99, totalSteps: taken, rng: new Rng(`${seed}/learner`) })
  const mixer = { mixer: { embedding: 8, hypernetwork: null } }
  const learner = makeLearner(entry, context, { ...settings, ...(entry === qmix ? mixer : {}) })
  env.reset()
  trainFor(env, learner, taken / 8)
  const actions = new Int32Array(2)
  const one = new VectorEnv(twoStep, 1, 'greedy')
  one.reset()
  let earned = 0
  for (let k = 0; k < 2; k++) {
    learner.policy().act(one.current, new Rng(''), actions)
    earned += one.step(actions).reward[0]!
  }
  return earned
}

describe('the two-step game of the QMIX paper, with nothing but exploring', () => {
  it.each([1, 2, 3])('QMIX earns 8, VDN 7: seed %i', (seed) => {
    expect([qmix, vdn].map((entry) => earnedInTwoStep(entry, seed, 16_000))).toEqual([8, 7])
  })
})

/** Mean length of greedy episodes. */
function balanced(learner: ReturnType<typeof makeLearner>, episodesPlayed: number): number {
  const env = new VectorEnv(pole, episodesPlayed, 'balance')
  env.reset()
  const going = new Uint8Array(episodesPlayed).fill(1)
  const actions = new Int32Array(episodesPlayed)
  let total = 0
  for (let k = 0; k < 500; k++) {
    learner.policy().act(env.current, new Rng(''), actions)
    const { ended } = env.step(actions)
    for (let row = 0; row < episodesPlayed; row++) {
      total += going[row]!
      if (ended[row] === 1) going[row] = 0
    }
  }
  return total / episodesPlayed
}

describe('dqn on cart-pole', () => {
  it('balances five times as long as chance within 20,000 steps', () => {
    const env = new VectorEnv(pole, 4, 'pole/env')
    const context = contextFor(env, { discount: 0.99, totalSteps: 20_000, rng: new Rng('pole') })
    const learner = makeLearner(dqn, context, {
      learningRate: 1e-3,
      exploration: { kind: 'linear', from: 1, to: 0.05, until: 0.3 },
    })
    env.reset()
    trainFor(env, learner, 5000)
    // At random a pole stands for 22 steps.
    expect(balanced(learner, 20)).toBeGreaterThan(110)
    const told = learner.metrics!()
    expect(Object.keys(told).sort()).toEqual(['epsilon', 'gradient-norm', 'loss', 'q-mean'])
    expect(told['q-mean']).toBeGreaterThan(10)
  })
})

describe('what deep learners refuse', () => {
  const make = (entry: LearnerEntry, env: () => Env, settings: object = {}) =>
    makeLearner(entry, contextFor(new VectorEnv(env, 1, 'refused')), settings)

  it('says what to use instead', () => {
    expect(() => make(dqn, twoStep)).toThrowError(/has 2 agents to learn for, expected one; use iql/)
    expect(() => make(iql, () => new FeatureEnv())).toThrowError(SpaceError)
    expect(() => make(iql, () => new FeatureEnv())).toThrowError(/reads sparse features; .* use a linear learner/)
  })

  it('names both shapes and the line where a network gives something else', () => {
    const narrow = dqnWith((graph, x, parameter) =>
      graph.dense(
        x,
        parameter('weight', [3, 2], { kind: 'constant', value: 0 }),
        parameter('bias', [2], { kind: 'constant', value: 0 }),
      ),
    )
    expect(() => make(narrow, pole)).toThrowError(/\[1, 4\], weights \[3, 2\] .*deep-learners\.test\.ts:\d+/)
    expect(() =>
      make(
        dqnWith((_, x) => x),
        pole,
      ),
    ).toThrowError(/expected f32 \[1, 2\] .* got f32 \[1, 4\]/)
  })

  it('stops with the step where the loss is no number any more', () => {
    const env = new VectorEnv(pole, 4, 'nan/env')
    // No rate that the settings allow is so high.
    const settings = dqn.schema.parse({ clipNorm: null, replay: { startAfter: 4, trainEvery: 1 } }) as object
    const learner = dqn.forms.arrays!(contextFor(env), { ...settings, learningRate: 1e30 }) as Learner
    env.reset()
    const train = () => trainFor(env, learner, 200)
    expect(train).toThrowError(NonFiniteError)
    expect(train).toThrowError(/after \d+ steps, update \d+: the loss is .* lower learningRate/)
  })
})
