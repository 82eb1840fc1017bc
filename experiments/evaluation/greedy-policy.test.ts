import { describe, expect, it } from 'vitest'
import { evaluatePolicy } from '#algorithms/planning/policy-evaluation.js'
import { jointOf, modelOf } from '#algorithms/testing/models.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { GreedyPolicy } from './greedy-policy.js'

/** One state, two actions: 0 earns 1, 1 earns 2; both end. */
const model = jointOf(
  modelOf([
    [[[1, 1, 1]], [[1, 1, 2]]],
    [null, null],
  ]),
)

/** Draws by fixed odds, and counts its steps. */
function drawing(odds: readonly number[]): Policy {
  return {
    observes: 'local',
    memory: { size: 1 },
    act(batch, rng, out) {
      for (let k = 0; k < out.length; k++) {
        out[k] = batch.mask[2 * k] === 1 && rng.uniform() >= odds[0]! ? 1 : 0
        batch.memory![k] = batch.memory![k]! + 1
      }
    },
    probabilities(batch, out) {
      for (let k = 0; k < batch.mask.length; k++) out[k] = batch.mask[k] === 1 ? odds[k % 2]! : 0
    },
  }
}

const worth = (policy: Policy) => evaluatePolicy(model, policy, { discount: 0.9, epsilon: 1e-12 }).start

describe('a policy that draws, played greedily', () => {
  it('takes its most probable action, the lower of two', () => {
    expect(worth(drawing([0.4, 0.6]))).toBeCloseTo(1.6, 10)
    expect(worth(new GreedyPolicy(drawing([0.4, 0.6])))).toBeCloseTo(2, 10)
    expect(worth(new GreedyPolicy(drawing([0.5, 0.5])))).toBeCloseTo(1, 10)
  })

  it('leaves whoever is away at 0, whatever the probabilities hold there, and keeps nothing of the batch before', () => {
    const certain: Policy = {
      observes: 'local',
      act: (_, __, out) => out.fill(-1),
      // Only what acts is written; of the others 1 is left.
      probabilities: (batch, out) =>
        batch.mask.forEach((legal, k) => {
          if (legal === 1) out[k] = k % 2 === 0 ? 0.25 : 0.75
          else if (batch.mask[k - (k % 2)] === 0 && batch.mask[k - (k % 2) + 1] === 0) out[k] = k % 2
        }),
    }
    const out = new Int32Array(model.batch.size)
    const greedy = new GreedyPolicy(certain)
    const play = (mask: number[]) => {
      greedy.act({ ...model.batch, mask: Uint8Array.from(mask) }, new Rng('greedy'), out)
      return [...out]
    }
    expect(play([1, 1, 0, 0])).toEqual([1, 0])
    expect(play([1, 0, 1, 1])).toEqual([0, 1])
  })

  it('remembers what it did before', () => {
    const memory = new Float32Array(model.batch.size)
    const out = new Int32Array(model.batch.size)
    new GreedyPolicy(drawing([0.4, 0.6])).act({ ...model.batch, memory }, new Rng('greedy'), out)
    expect([...out]).toEqual([1, 0])
    expect([...memory]).toEqual([1, 1])
  })
})
