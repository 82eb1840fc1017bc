import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseOptimalValue } from '../testing/dense-solve.js'
import { acyclicModel, forest, modelOf, randomModel } from '../testing/models.js'
import { choosePlanner, defaultPlanner } from './default-planner.js'

const line = modelOf([[[[1, 1, 1]]], [[[2, 1, 1]]], [null]])
const leaky = modelOf([
  [
    [
      [0, 0.5, -1],
      [1, 0.5, -1],
    ],
  ],
  [null],
])
const circle = modelOf(Array.from({ length: 1001 }, (_, s) => [[[(s + 1) % 1001, 1, s % 7]]]))

describe('default planner', () => {
  it.each([
    ['a line', line, 1, 'backward-induction', /no state can be reached again/],
    ['a line, discounted', line, 0.9, 'backward-induction', /one backward pass/],
    ['a leak', leaky, 1, 'stochastic-shortest-path', /undiscounted, with cycles/],
    ['a small far-sighted problem', forest(), 0.999, 'policy-iteration', /at least 0.999/],
    ['a small problem', forest(), 0.9, 'modified-policy-iteration', /fewest sweeps/],
    ['a large far-sighted problem', circle, 0.999, 'modified-policy-iteration', /fewest sweeps/],
  ])('solves %s', (_, mdp, discount, method, reason) => {
    expect(choosePlanner(mdp, discount).planner.name).toBe(method)
    const plan = defaultPlanner.plan(mdp, { discount, epsilon: 1e-6 })
    expect(plan.method).toBe(method)
    expect(plan.reason).toMatch(reason)
  })

  it('brackets dense solves whatever it chooses', () => {
    fc.assert(
      fc.property(fc.oneof(randomModel, acyclicModel), fc.constantFrom(0.5, 0.95, 0.9995), (mdp, discount) => {
        const { lower, upper } = defaultPlanner.plan(mdp, { discount, epsilon: 1e-6 })
        denseOptimalValue(mdp, discount).forEach((v, s) => {
          expect(lower[s]).toBeLessThanOrEqual(v + 1e-8)
          expect(upper[s]).toBeGreaterThanOrEqual(v - 1e-8)
          expect(upper[s]! - lower[s]!).toBeLessThanOrEqual(1.001e-6)
        })
      }),
      { numRuns: 60 },
    )
  })
})
