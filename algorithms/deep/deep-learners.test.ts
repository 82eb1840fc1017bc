import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { TwoStep } from '#env/two-step/two-step.js'
import { VectorEnv } from '#env/vector-env.js'
import type { LearnerEntry } from '../learner.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { qmix } from './qmix.js'
import { vdn } from './vdn.js'

/** What the greedy team earns in the two-step game after some steps of nothing but exploring. */
function earnedInTwoStep(entry: LearnerEntry, seed: number, steps: number): number {
  const env = new VectorEnv(() => new TwoStep(), 8, `${seed}/env`)
  const settings = {
    exploration: 1,
    network: { hidden: [32] },
    mixer: { embedding: 8, hypernetwork: null },
    replay: { capacity: 500, trainEvery: 8 },
    target: { every: 50 },
    learningRate: 5e-3,
  }
  const context = contextFor(env, { discount: 0.99, totalSteps: steps, rng: new Rng(`${seed}/learner`) })
  const { mixer: _, ...plain } = settings
  const learner = makeLearner(entry, context, entry === qmix ? settings : plain)
  env.reset()
  trainFor(env, learner, steps / 8)
  const actions = new Int32Array(16)
  const one = new VectorEnv(() => new TwoStep(), 1, 'greedy')
  one.reset()
  let earned = 0
  for (let k = 0; k < 2; k++) {
    learner.policy().act(one.current, new Rng(''), actions)
    earned += one.step(actions.subarray(0, 2)).reward[0]!
  }
  return earned
}

describe('the two-step game of the QMIX paper, with nothing but exploring', () => {
  it.each([1, 2, 3])('QMIX earns 8, VDN 7: seed %i', (seed) => {
    expect([qmix, vdn].map((entry) => earnedInTwoStep(entry, seed, 16_000))).toEqual([8, 7])
  })
})
