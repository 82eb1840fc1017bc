import { describe, expect, it } from 'vitest'
import type { CadreError } from '#env/errors.js'
import { forest, modelOf, smallTwoByTwo } from '../testing/models.js'
import { plannerConformance } from '../testing/planner-conformance.js'
import { greedy, qValues } from './q-values.js'
import { valueIteration, valueIterationPlanner } from './value-iteration.js'

describe('valueIteration', () => {
  plannerConformance(valueIterationPlanner)

  it('solves the forest at every published discount', () => {
    // pymdptoolbox PolicyIteration doctest and exact solves (shared known answers, forest_3).
    const known: [number, number[]][] = [
      [0.9, [26.244, 29.484, 33.484]],
      [0.95, [58.482, 61.902, 65.902]],
      [0.96, [74.6496, 78.1056, 82.1056]],
      [0.99, [317.5524, 321.1164, 325.1164]],
    ]
    for (const [discount, expected] of known) {
      const { value, policy } = valueIteration(forest(), { discount, epsilon: 1e-9 })
      expected.forEach((v, s) => {
        expect(value[s]).toBeCloseTo(v, 8)
      })
      expect([...policy]).toEqual([0, 0, 0])
    }
  })

  it('adds the correction that makes an early stop exact', () => {
    // At 0.96 the fourth iterate has span below epsilon and is 68.7 away from V*; the bounds of that sweep contain V*.
    const { value, iterations } = valueIteration(forest(), { discount: 0.96, epsilon: 1e-8 })
    expect(iterations).toBeLessThan(30)
    expect(value[0]).toBeCloseTo(74.6496, 8)
  })

  it('solves the two-state example of Puterman (shared known answers, small_2x2)', () => {
    const mdp = smallTwoByTwo()
    const { value, policy } = valueIteration(mdp, { discount: 0.9, epsilon: 1e-9 })
    expect(value[0]).toBeCloseTo(1825 / 43, 8)
    expect(value[1]).toBeCloseTo(1550 / 43, 8)
    expect([...policy]).toEqual([1, 0])
  })

  it('agrees with greedy on Q of its values', () => {
    const mdp = forest()
    const { value, policy } = valueIteration(mdp, { discount: 0.9, epsilon: 1e-9 })
    const q = qValues(mdp, value, 0.9)
    expect(q[0]).toBeCloseTo(26.244, 8)
    expect([...greedy(mdp, q)]).toEqual([...policy])
  })

  it('marks illegal actions with -Infinity in Q', () => {
    const mdp = modelOf([
      [[[1, 1, 2]], null],
      [null, null],
    ])
    expect([...qValues(mdp, new Float64Array(2), 0.5)]).toEqual([2, ...new Array(3).fill(Number.NEGATIVE_INFINITY)])
  })

  it.each([
    [
      { discount: 1, epsilon: 1e-6 },
      'ERR_MODEL',
      /expected a discount in \[0, 1\), got 1; undiscounted.*stochasticShortestPath/,
    ],
    [{ discount: -0.1, epsilon: 1e-6 }, 'ERR_MODEL', /got -0.1/],
    [{ discount: Number.NaN, epsilon: 1e-6 }, 'ERR_MODEL', /got NaN/],
    [{ discount: 0.9, epsilon: 0 }, 'ERR_MODEL', /positive finite epsilon, got 0/],
    [{ discount: 0.9, epsilon: 1e-9, maxIterations: 3 }, 'ERR_ITERATION_LIMIT', /at most 3 sweeps/],
    [{ discount: 0.99, epsilon: 1e-15 }, 'ERR_ITERATION_LIMIT', /rounding in f64 alone/],
  ])('refuses %o', (options, code, message) => {
    expect(() => valueIteration(forest(), options)).toThrow(message)
    try {
      valueIteration(forest(), options)
    } catch (error) {
      expect((error as CadreError).code).toBe(code)
    }
  })

  it('widens its bounds when a row sums to a little more than 1', () => {
    // One state, reward 1, row sum 1 + 5e-10: V = 1 / (1 - gamma (1 + 5e-10)).
    const mdp = modelOf([[[[0, 1 + 5e-10, 1 / (1 + 5e-10)]]]])
    const { lower, upper } = valueIteration(mdp, { discount: 0.99, epsilon: 1e-9 })
    const exact = 1 / (1 - 0.99 * (1 + 5e-10))
    expect(lower[0]).toBeLessThanOrEqual(exact)
    expect(upper[0]).toBeGreaterThanOrEqual(exact)
  })
})
