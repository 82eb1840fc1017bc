import { expect, it } from 'vitest'
import { defaultPlanner } from '#algorithms/planning/default-planner.js'
import { modelOf } from '#algorithms/testing/models.js'
import type { Policy } from '#env/policy.js'
import { ModelEnv } from '#env/testing/model-env.js'
import { sampleEpisodes } from './sampled-evaluation.js'

it('episodes of the best policy among rounds of net 0 earn on average what planning says', () => {
  // From 0 on to 1 for .7, by chance back for -.7 or on to 2, where it ends for .1 x 3 in the mean; out of 0 at once for -1.
  const mdp = modelOf([
    [[[1, 1, 0.7]], [[3, 1, -1]]],
    [
      [
        [0, 0.75, -0.7],
        [2, 0.25, -0.7],
      ],
      [[0, 1, -0.7]],
    ],
    [
      [[0, 1, 0]],
      [
        [3, 0.5, 0.6],
        [3, 0.5, 0],
      ],
    ],
    [null, null],
  ])
  const { value, policy } = defaultPlanner.plan(mdp, { discount: 1, epsilon: 1e-9 })
  expect(value[0]).toBeCloseTo(0.3, 9)
  expect(value[1]).toBeCloseTo(-0.4, 9)
  const planned: Policy = {
    observes: 'global',
    act: (batch, _rng, out) => out.set(batch.stateId.map((s) => policy[s]!).subarray(0, batch.size)),
  }
  const limited = () => {
    const env = new ModelEnv(mdp)
    return Object.assign(env, { spec: { ...env.spec, limitSteps: 100_000 } })
  }
  const { score, steps } = sampleEpisodes(limited, planned, { episodes: 400, discount: 1, seed: 'rounds' })
  // Rewards of the model's rows are their means: every episode that ends earns 0.3, however often it went round.
  for (const earned of score) expect(earned).toBeCloseTo(0.3, 9)
  expect(Math.max(...steps)).toBeGreaterThan(20)
  expect(Math.max(...steps)).toBeLessThan(100_000)
})
