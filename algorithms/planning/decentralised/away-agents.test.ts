import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { Rng } from '#env/rng.js'
import { UnseenGuest } from '#env/testing/unseen-guest.js'
import { evaluatePolicy } from '../policy-evaluation.js'
import { bestDecentralisedPolicy } from './best-response.js'

describe('the best local policy', () => {
  // The guest acts on observation 0 only: whatever it sees while it is away binds nobody.
  it.each([-1, 0, 3, 99])('takes nothing from an agent that is away and sees %i', (number) => {
    const env = new UnseenGuest(number)
    const { spec } = env
    const model = toJointMdp(env)
    const { value, tables, policy } = bestDecentralisedPolicy(model, spec, {
      discount: 0.9,
      starts: 2,
      rng: new Rng('local'),
    })
    const best = 3 + 1 + 0.9 + 0.81
    expect(value).toBeCloseTo(best, 9)
    expect([tables[0]![0], [...tables[1]!.subarray(0, 3)]]).toEqual([1, [1, 1, 1]])
    expect(evaluatePolicy(model, policy, { discount: 0.9, epsilon: 1e-12 }).start).toBeCloseTo(best, 9)
  })
})
