import { describe, expect, it } from 'vitest'
import { modelOf } from '../testing/models.js'
import { plannerConformance } from '../testing/planner-conformance.js'
import { gaussSeidelPlanner, gaussSeidelValueIteration } from './gauss-seidel-value-iteration.js'
import { modifiedPolicyIteration, modifiedPolicyIterationPlanner } from './modified-policy-iteration.js'
import { improve } from './optimality-sweep.js'
import { policyIteration, policyIterationPlanner } from './policy-iteration.js'
import { valueIteration } from './value-iteration.js'

describe('policy iteration', () => plannerConformance(policyIterationPlanner))
describe('modified policy iteration', () => plannerConformance(modifiedPolicyIterationPlanner))
describe('Gauss-Seidel value iteration', () => plannerConformance(gaussSeidelPlanner))

/** A corridor whose end pays: each step right costs nothing, the last state pays 1 for staying. */
const corridor = (length: number) =>
  modelOf(
    Array.from({ length }, (_, s) => [
      [[Math.max(0, s - 1), 1, 0]],
      [[Math.min(length - 1, s + 1), 1, s === length - 1 ? 1 : 0]],
    ]),
  )

describe('against one another', () => {
  const options = { discount: 0.99, epsilon: 1e-8 }

  it('all find 0.99^(distance) / 0.01 in a corridor', () => {
    const mdp = corridor(20)
    for (const plan of [valueIteration, policyIteration, modifiedPolicyIteration, gaussSeidelValueIteration]) {
      const { value } = plan(mdp, options)
      value.forEach((v, s) => {
        expect(Math.abs(v - 0.99 ** (19 - s) / 0.01)).toBeLessThanOrEqual(1e-8)
      })
    }
  })

  it('need ever fewer iterations: sweeps, improvements, evaluations', () => {
    // A slow chain: sweeps close the span by 2% each, ln(1e11) / 0.02 = 1,250 of them.
    const stay = (s: number, reward: number) =>
      [
        [s, 0.99, reward],
        [1 - s, 0.01, reward],
      ] as const
    const mdp = modelOf([[stay(0, 0)], [stay(1, 1)]])
    const slow = { discount: 0.999, epsilon: 1e-8 }
    const sweeps = valueIteration(mdp, slow).iterations
    const improvements = modifiedPolicyIteration(mdp, slow).iterations
    expect(sweeps).toBeGreaterThan(1000)
    expect(improvements).toBeLessThan(sweeps / 50)
    expect(policyIteration(mdp, slow).iterations).toBe(1)
  })

  it('sweep toward the end of a corridor numbered backwards in one Gauss-Seidel sweep, not one a state', () => {
    // State s leads to s - 1, so one sweep in the order of the states carries the end through all of them.
    const mdp = modelOf([[null], ...Array.from({ length: 50 }, (_, s) => [[[s, 1, 1] as const]])])
    expect(gaussSeidelValueIteration(mdp, options).iterations).toBe(2)
    expect(valueIteration(mdp, options).iterations).toBe(51)
  })
})

describe('improve', () => {
  // Both actions of state 0 are worth 1 but for 1e-12.
  const mdp = modelOf([[[[1, 1, 1 + 1e-12]], [[1, 1, 1]]], [null]])
  it.each([
    [2e-12, 1, 0],
    [0, 0, 1],
  ])('with a tie of %d ends on action %d, %d changed', (tie, action, changed) => {
    const next = new Float64Array(2)
    const policy = Int32Array.of(1, -1)
    expect(improve(mdp, 0.9, new Float64Array(2), next, policy, tie)).toBe(changed)
    expect([...policy, next[0]]).toEqual([action, -1, 1 + 1e-12])
  })
})

describe('policy iteration near discount 1', () => {
  it('passes policies whose values round more than epsilon', () => {
    // The first policy never ends: -1e6, which rounds to 1e-5 and more; the best is worth -3.
    const ring = Array.from({ length: 3 }, (_, s) => [[[s, 1, -1] as const], [[s + 1, 1, -1] as const]])
    const { value } = policyIteration(modelOf([...ring, [null, null]]), { discount: 1 - 1e-6, epsilon: 1e-6 })
    expect(Math.abs(value[0]! + 3)).toBeLessThan(1e-5)
  })
})
