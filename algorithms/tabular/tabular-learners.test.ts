import { describe, expect, it } from 'vitest'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { matrixGame } from '#env/matrix-game/entry.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { twoStep } from '#env/two-step/entry.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Learner, LearnerEntry } from '../learner.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { hystereticQ } from './hysteretic-q.js'
import { independentQ } from './independent-q.js'
import { jointActionQ } from './joint-action-q.js'
import { loadTabularPolicy } from './load-tabular-policy.js'
import { qLearning } from './q-learning.js'

const make =
  (entry: EnvEntry, settings: object = {}) =>
  () =>
    entry.create(entry.schema.parse(settings))
const dispatch = make(routingDispatch, { limitSteps: 20 })

describe('independent-q', () => learnerConformance(independentQ, dispatch))
describe('hysteretic-q', () => learnerConformance(hystereticQ, dispatch))
describe('joint-action-q', () => learnerConformance(jointActionQ, dispatch))
describe('q-learning', () => learnerConformance(qLearning, make(frozenLake)))

/** Trains and returns the learner with its environment. */
function train(
  entry: LearnerEntry,
  makeEnv: () => ReturnType<typeof dispatch>,
  settings: object,
  steps: number,
  seed = 'x',
) {
  const env = new VectorEnv(makeEnv, 1, `${seed}/env`)
  const learner = makeLearner(entry, contextFor(env, { totalSteps: steps, rng: new Rng(`${seed}/learner`) }), settings)
  env.reset()
  trainFor(env, learner, steps)
  return { env, learner }
}

const valuesOf = (learner: Learner) => learner.saveState().arrays.values as Float64Array

describe('known answers', () => {
  const climbing = make(matrixGame, { game: 'climbing', repetitions: 1 })

  it('joint-action Q learns the payoffs of the climbing game themselves', () => {
    const { learner } = train(jointActionQ, climbing, { learningRate: 0.5, exploration: 1 }, 3000)
    const payoffs = [11, -30, 0, -30, 7, 6, 0, 0, 5]
    payoffs.forEach((payoff, joint) => {
      expect(valuesOf(learner)[joint]).toBeCloseTo(payoff, 6)
    })
  })

  it('independent Q under uniform play learns the mean payoff of each row (Claus and Boutilier 1998)', () => {
    const learningRate = { kind: 'geometric', from: 0.5, to: 0.001 }
    const { learner } = train(independentQ, climbing, { learningRate, exploration: 1 }, 60_000)
    const rowMeans = [-19 / 3, -17 / 3, 5 / 3]
    rowMeans.forEach((mean, a) => {
      expect(Math.abs(valuesOf(learner)[a]! - mean)).toBeLessThan(1)
    })
  })

  it('hysteretic Q with a negative rate of 0 learns the best payoff of each row (distributed Q, Lauer and Riedmiller 2000)', () => {
    const settings = { learningRate: 0.5, negativeFactor: 0, exploration: 1 }
    const { learner } = train(hystereticQ, climbing, settings, 3000)
    const rowBest = [11, 7, 5]
    // Row 2's best is 5 at (2, 2) for agent 0 and 6 at (1, 2) for agent 1.
    rowBest.forEach((best, a) => {
      expect(valuesOf(learner)[a]).toBeCloseTo(best, 6)
    })
  })

  it('joint-action Q takes the branch worth 8 in the two-step game; it is worth 0.9 * 8 at its start', () => {
    const { env, learner } = train(jointActionQ, make(twoStep), { learningRate: 0.5, exploration: 1 }, 5000)
    env.reset()
    const start = env.current.stateId[0]!
    const { count } = { count: valuesOf(learner).length / env.spec.numStates }
    expect(Math.max(...valuesOf(learner).slice(start * count, (start + 1) * count))).toBeCloseTo(7.2, 6)
  })
})

describe('several rows', () => {
  it('learn from the values before the step, one after the other', () => {
    // One observation, one action, reward 1, no end within the test.
    const env = new VectorEnv(make(matrixGame, { game: 'custom', payoffs: [1], repetitions: 100 }), 2, 'rows')
    const learner = makeLearner(independentQ, contextFor(env, { totalSteps: 10 }), { learningRate: 0.5 })
    env.reset()
    const seen = [0, 1].map(() => {
      trainFor(env, learner, 1)
      return valuesOf(learner)[0]
    })
    // 0 -> 1/2 -> 3/4 towards 1, then -> 1.2125 -> 1.44375 towards 1 + 0.9 * 3/4 = 1.675.
    expect(seen).toEqual([0.75, 1.44375])
  })
})

describe('the end of an episode', () => {
  it('is worth 0 when terminated', () => {
    const once = make(matrixGame, { game: 'custom', payoffs: [1], repetitions: 1 })
    const { learner } = train(independentQ, once, { learningRate: 0.5 }, 200)
    expect(valuesOf(learner)[0]).toBeCloseTo(1, 9)
  })

  it('goes on when truncated: a reward of -0.1 a tick for ever is worth -1, not less the shorter the episodes', () => {
    // Nobody ever arrives except the first query, and nobody may claim it: waiting costs nothing, the inbox stays empty.
    const agents = [{ capacity: 1, skill: [1], price: 0, service: 0, fail: 0, repair: 1 }]
    const types = [{ name: 'A', value: 0, arrival: 0, loss: 0 }]
    const idle = make(routingDispatch, { agents, types, reward: '-0.1', limitSteps: 3, patience: 1 })
    const { env, learner } = train(independentQ, idle, { learningRate: 0.5 }, 2000)
    expect(valuesOf(learner)[env.current.observationId[0]! * 2]).toBeCloseTo(-1, 6)
  })
})

it("joint-action Q refuses a state without every state's legal actions", () => {
  const { learner } = train(jointActionQ, dispatch, {}, 10)
  const { arrays, data } = learner.saveState()
  expect(() => learner.loadState({ arrays: { values: arrays.values! }, data })).toThrowError(
    'saved learner: expected 2016 numbers in "legal", got none',
  )
})

describe('a saved tabular policy', () => {
  it.each([
    ['independent', independentQ],
    ['joint', jointActionQ],
  ] as const)('acts as before (%s tables)', (_, entry) => {
    const { env, learner } = train(entry, dispatch, {}, 3000)
    const policy = learner.policy()
    const loaded = loadTabularPolicy(policy.export!(), env.spec)
    const rng = new Rng('unused')
    const a = new Int32Array(env.layout.agents)
    const b = new Int32Array(env.layout.agents)
    for (let k = 0; k < 500; k++) {
      policy.act(env.current, rng, a)
      loaded.act(env.current, rng, b)
      expect([...b]).toEqual([...a])
      env.step(a)
    }
  })

  it('is refused by an environment of another size', () => {
    const { learner } = train(independentQ, dispatch, {}, 10)
    const other = routingDispatch.create(routingDispatch.schema.parse({ patience: 2 }))
    expect(() => loadTabularPolicy(learner.policy().export!(), other.spec)).toThrowError(
      /table "q.0" is \[2016, 2\], expected f64 \[1440, 2\] for routing-dispatch/,
    )
  })
})
