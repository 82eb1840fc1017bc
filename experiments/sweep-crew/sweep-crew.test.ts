import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modifiedPolicyIteration } from '#algorithms/planning/modified-policy-iteration.js'
import { randomModel, randomTimedModel, slowOrFast } from '#algorithms/testing/models.js'
import { plannerConformance } from '#algorithms/testing/planner-conformance.js'
import { sharedMdp } from './shared-mdp.js'
import { SweepCrew } from './sweep-crew.js'

describe('sweep crew', () => {
  let two: SweepCrew
  let three: SweepCrew
  beforeAll(async () => {
    two = await SweepCrew.start(2)
    three = await SweepCrew.start(3)
  })
  afterAll(async () => {
    await Promise.all([two.close(), three.close()])
  })

  describe('by two threads', () =>
    plannerConformance({
      name: 'modified-policy-iteration',
      plan: (mdp, options) => two.planner().plan(mdp, options),
    }))

  it('answers the same bits as one thread, whatever the number of threads', () => {
    fc.assert(
      fc.property(fc.oneof(randomModel, randomTimedModel), (mdp) => {
        const options = { discount: 0.95, epsilon: 1e-6 }
        const alone = modifiedPolicyIteration(mdp, options)
        for (const hands of [two, three]) expect(modifiedPolicyIteration(mdp, { ...options, hands })).toEqual(alone)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps times and costs of a model that it copies, and plans by them', () => {
    const model = { ...slowOrFast(), costs: { fuel: Float64Array.of(1, 2, 0, 0) } }
    const copy = sharedMdp(model)
    expect(copy).toEqual(model)
    expect([copy.elapsed, copy.costs!.fuel].every((array) => array!.buffer instanceof SharedArrayBuffer)).toBe(true)
    const { value, policy } = two.planner().plan(copy, { discount: 0.9, epsilon: 1e-10 })
    expect([value[0], policy[0]]).toEqual([expect.closeTo(7.894736842, 9), 1])
  })

  it('splits a model larger than a chunk, where arrays already lie on shared memory', () => {
    const numStates = 5000
    const each = (of: (s: number) => number) => Array.from({ length: numStates }, (_, s) => of(s))
    const mdp = sharedMdp({
      numStates,
      numActions: 1,
      rowStart: Int32Array.from({ length: numStates + 1 }, (_, s) => 2 * s),
      successor: Int32Array.from(each((s) => s).flatMap((s) => [Math.min(s, 4999 - s), Math.max(s, 4999 - s)])),
      probability: new Float64Array(2 * numStates).fill(0.5),
      reward: Float64Array.from(each((s) => s % 11)),
      terminal: new Uint8Array(numStates),
      start: new Float64Array(numStates).fill(1 / numStates),
      stateIds: Int32Array.from(each((s) => s)),
    })
    expect(sharedMdp(mdp).probability).toBe(mdp.probability)
    const options = { discount: 0.9, epsilon: 1e-9 }
    const { value, lower } = modifiedPolicyIteration(mdp, { ...options, hands: three })
    expect(lower).toEqual(modifiedPolicyIteration(mdp, options).lower)
    // States s and 4999 - s are visited equally: V(s) = r(s) + gamma (mean of both) / (1 - gamma).
    const mean = (s: number) => ((s % 11) + ((4999 - s) % 11)) / 2
    value.forEach((v, s) => {
      expect(Math.abs(v - (s % 11) - 9 * mean(s))).toBeLessThanOrEqual(1e-9)
    })
  })

  it.each([0, 1.5, 65])('refuses %d threads', async (threads) => {
    await expect(SweepCrew.start(threads)).rejects.toThrow(/SweepCrew: expected 1 to 64 threads, got/)
  })
})
