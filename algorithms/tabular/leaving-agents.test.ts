import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { Rng } from '#env/rng.js'
import { envConformance } from '#env/testing/env-conformance.js'
import { LeavingTeam } from '#env/testing/leaving-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { random } from '../baselines/random.js'
import type { LearnerEntry } from '../learner.js'
import { bestDecentralisedPolicy } from '../planning/decentralised/best-response.js'
import { evaluatePolicy } from '../planning/policy-evaluation.js'
import { valueIteration } from '../planning/value-iteration.js'
import { actionsFor, contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { hystereticQ } from './hysteretic-q.js'
import { independentQ } from './independent-q.js'
import { jointActionQ } from './joint-action-q.js'

const gamma = 0.9
/** V* of a team of which one agent earns 3 once and the other 1 in each of three steps. */
const optimum = 3 + 1 + gamma + gamma ** 2

describe('leaving-team', () => envConformance(() => new LeavingTeam()))

function learn(entry: LearnerEntry): { values: Float64Array; acts: readonly (readonly number[])[] } {
  const env = new VectorEnv(() => new LeavingTeam(), 2, 'leaving')
  const context = contextFor(env, { discount: gamma, totalSteps: 4000, rng: new Rng('leaving') })
  const learner = makeLearner(entry, context, { learningRate: 0.5, exploration: 1 })
  const actions = actionsFor(env)
  env.reset()
  trainFor(env, learner, 2000, actions)
  const acts = [0, 1, 2].map(() => {
    learner.policy().act(env.current, new Rng('unused'), actions)
    const chosen = [...actions.subarray(0, 2)]
    env.step(actions)
    return chosen
  })
  return { values: learner.saveState().arrays.values as Float64Array, acts }
}

describe('an agent that leaves before the others', () => {
  it.each([
    ['independent-q', independentQ],
    ['hysteretic-q', hystereticQ],
  ])('is credited with its last reward, and learns nothing after it (%s)', (_, entry) => {
    const { values } = learn(entry)
    const rounded = [...values].map((value) => Math.round(value * 1e6) / 1e6)
    expect(rounded.slice(0, 8)).toEqual([0, 3, 0, 0, 0, 0, 0, 0])
    expect(rounded.slice(8)).toEqual([1.71, 2.71, 0.9, 1.9, 0, 1, 0, 0])
  })

  it("leaves the team's joint actions to those that stay (joint-action Q)", () => {
    const { values, acts } = learn(jointActionQ)
    expect(Math.max(...values.slice(0, 4))).toBeCloseTo(optimum, 6)
    expect([...values.slice(4, 8)].map((value) => Math.round(value * 100) / 100)).toEqual([
      0.9,
      1.9,
      Number.NEGATIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ])
    for (const [, host] of acts) expect(host).toBe(1)
  })

  it('is part of the model: planning, exact evaluation and the best local policy agree', () => {
    const model = toJointMdp(new LeavingTeam())
    const { spec } = new LeavingTeam()
    expect(valueIteration(model, { discount: gamma, epsilon: 1e-9 }).value[0]).toBeCloseTo(optimum, 8)
    const drawn = random.create({ spec, envConfig: {} }, {})
    expect(evaluatePolicy(model, drawn, { discount: gamma, epsilon: 1e-9 }).start).toBeCloseTo(optimum / 2, 8)
    const best = bestDecentralisedPolicy(model, spec, { discount: gamma, starts: 2, rng: new Rng('best') })
    expect(best.value).toBeCloseTo(optimum, 8)
  })
})
