import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModelError } from '#env/errors.js'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { toMdp } from '#env/mdp/enumerate.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { densePolicyValue } from '../testing/dense-solve.js'
import { type ModelRows, modelOf, randomModel } from '../testing/models.js'
import { plannerConformance } from '../testing/planner-conformance.js'
import { planRelative } from './relative-accuracy.js'
import { stochasticShortestPath, stochasticShortestPathPlanner } from './stochastic-shortest-path.js'
import { everyTotalIsFinite } from './total-reward.js'

const options = { discount: 1, epsilon: 1e-9 }

/** Random models in which each action ends the episode with probability at least 0.1: every policy is proper. */
const endingModel = randomModel.map((mdp) => {
  const rows: (readonly (readonly [number, number, number])[] | null)[][] = Array.from(
    { length: mdp.numStates },
    (_, s) =>
      Array.from({ length: mdp.numActions }, (_, a) => {
        const row = s * mdp.numActions + a
        if (mdp.rowStart[row] === mdp.rowStart[row + 1]) return null
        const reward = mdp.reward[row]!
        const stay = Array.from({ length: mdp.rowStart[row + 1]! - mdp.rowStart[row]! }, (_, i) => {
          const k = mdp.rowStart[row]! + i
          return [mdp.successor[k]!, 0.9 * mdp.probability[k]!, reward] as const
        })
        return [...stay, [mdp.numStates, 0.1, reward] as const]
      }),
  )
  return modelOf([...rows, new Array<null>(mdp.numActions).fill(null)])
})

/** Small models with an end, free moves, costs and a few gains. */
const mazes = fc.integer({ min: 2, max: 4 }).chain((states) => {
  const outcome = fc.tuple(fc.nat(states), fc.integer({ min: 1, max: 3 }))
  const row = fc.record({
    reward: fc.constantFrom(0, 0, -1, -1, -2, 1),
    outcomes: fc.array(outcome, { minLength: 1, maxLength: 2 }),
  })
  const actions = fc.array(row, { minLength: 2, maxLength: 2 })
  return fc.array(actions, { minLength: states, maxLength: states }).map((rows) =>
    modelOf([
      ...rows.map((of) =>
        of.map(({ reward, outcomes }) => {
          const total = outcomes.reduce((sum, [, weight]) => sum + weight, 0)
          return outcomes.map(([next, weight]) => [next, weight / total, reward] as const)
        }),
      ),
      [null, null],
    ]),
  )
})

/** Every deterministic policy: the best proper values, how many are proper, and whether an endless one doesn't lose for ever. */
function enumerate(mdp: TabularMdp): { best: number[]; proper: number; endless: boolean } {
  const live = mdp.numStates - 1
  const best = new Array<number>(mdp.numStates).fill(Number.NEGATIVE_INFINITY)
  let proper = 0
  let endless = false
  for (let code = 0; code < 2 ** live; code++) {
    const policy = Int32Array.from({ length: mdp.numStates }, (_, s) => (s === live ? -1 : (code >> s) & 1))
    const reach = new Set([live])
    for (let round = 0; round < live; round++) {
      for (let s = 0; s < live; s++) {
        const row = s * 2 + policy[s]!
        for (let k = mdp.rowStart[row]!; k < mdp.rowStart[row + 1]!; k++) if (reach.has(mdp.successor[k]!)) reach.add(s)
      }
    }
    if (reach.size === mdp.numStates) {
      proper++
      densePolicyValue(mdp, policy, 1).forEach((v, s) => {
        best[s] = Math.max(best[s]!, v)
      })
      continue
    }
    // The discounted value near 1 tells the gain: (1 - gamma) V, of states that never end.
    const value = densePolicyValue(mdp, policy, 1 - 1e-7)
    for (let s = 0; s < live; s++) if (!reach.has(s) && 1e-7 * value[s]! > -1e-4) endless = true
  }
  return { best, proper, endless }
}

describe('stochastic shortest path', () => {
  plannerConformance(stochasticShortestPathPlanner, { models: endingModel, discounts: [1] })

  it.each([
    // Exact: 14 / 17, and the goal for certain (shared known answers).
    ['4x4', 14 / 17],
    ['8x8', 1],
  ])('reaches the goal of frozen-lake %s with probability %d, by a policy that ends', (map, chance) => {
    const mdp = toMdp(frozenLake.create(frozenLake.schema.parse({ map })))
    const { value, lower, upper, policy } = stochasticShortestPath(mdp, options)
    const start = mdp.start.indexOf(1)
    expect(Math.abs(value[start]! - chance)).toBeLessThan(1e-9)
    expect(lower[start]).toBeLessThanOrEqual(chance)
    expect(upper[start]).toBeGreaterThanOrEqual(chance)
    // Were the policy not proper, this system would be singular.
    expect(Math.abs(densePolicyValue(mdp, policy, 1)[start]! - chance)).toBeLessThan(1e-8)
  })

  it.each([
    [0.4, [0.0020656248, 0.16, 0.4, 0.4030984372, 0.64, 0.9643329672]],
    // Fair: the chance is the capital over 100.
    [0.5, [0.01, 0.25, 0.5, 0.51, 0.75, 0.99]],
  ])('solves the gambler at heads %d (Sutton and Barto, example 4.3)', (heads, known) => {
    const rows: ModelRows = Array.from({ length: 101 }, (_, capital) =>
      Array.from({ length: 50 }, (_, i) => {
        const stake = i + 1
        if (stake > Math.min(capital, 100 - capital)) return null
        return [
          [capital - stake, 1 - heads, 0],
          [capital + stake, heads, capital + stake === 100 ? 1 : 0],
        ] as const
      }),
    )
    const { value } = stochasticShortestPath(modelOf(rows, new Array(101).fill(1 / 101)), options)
    ;[1, 25, 50, 51, 75, 99].forEach((capital, i) => {
      expect(Math.abs(value[capital]! - known[i]!)).toBeLessThan(1e-8)
    })
  })

  it('finds the shortest way where each step costs 1', () => {
    // A line of 60 states that ends on the left; right and staying never end.
    const rows: ModelRows = Array.from({ length: 60 }, (_, s) =>
      s === 0 ? [null] : [[[s, 1, -1]], [[Math.min(59, s + 1), 1, -1]], [[s - 1, 1, -1]]],
    )
    const { value, policy } = stochasticShortestPath(
      modelOf(
        rows,
        rows.map((_, s) => (s === 59 ? 1 : 0)),
      ),
      options,
    )
    value.forEach((v, s) => {
      expect(Math.abs(v + s)).toBeLessThan(1e-9)
      expect(policy[s]).toBe(s === 0 ? -1 : 2)
    })
  })

  it.each([1e-2, 1e-3, 1e-6, 1e-9])('solves a goal worth 1 with steps that cost %d to any accuracy', (cost) => {
    // A line of 6 states that ends on the right; steps to the left go round.
    const rows: ModelRows = Array.from({ length: 6 }, (_, s) =>
      s === 5
        ? [null, null]
        : [[[s + 1, 1, s === 4 ? 1 - cost : -cost] as const], [[Math.max(0, s - 1), 1, -cost] as const]],
    )
    const plans = [
      ...[1000, 1, 0.1, 1e-6].map((epsilon) => stochasticShortestPath(modelOf(rows), { discount: 1, epsilon })),
      planRelative(stochasticShortestPathPlanner, modelOf(rows), { discount: 1, relative: 1e-7 }),
    ]
    for (const [i, epsilon] of [1000, 1, 0.1, 1e-6, 1e-7].entries()) {
      const { value, lower, upper } = plans[i]!
      for (let s = 0; s < 5; s++) {
        const known = 1 - (5 - s) * cost
        expect(Math.abs(value[s]! - known)).toBeLessThan(epsilon)
        expect(lower[s]).toBeLessThanOrEqual(known + 1e-15)
        expect(upper[s]).toBeGreaterThanOrEqual(known - 1e-15)
        expect(upper[s]! - lower[s]!).toBeLessThanOrEqual(epsilon)
      }
    }
  })

  it('refuses rounds whose cost f64 cannot tell from a gain', () => {
    const mdp = modelOf([
      [[[0, 1, -5e-15]], [[1, 1, 1]]],
      [null, null],
    ])
    expect(() => stochasticShortestPath(mdp, { discount: 1, epsilon: 1 })).toThrow(/costs too little for f64 to tell/)
  })

  it('breaks ties toward the end: a free walk leads out', () => {
    // States 0, 1, 2 in a free circle; only 2 has a way out, which pays 5.
    const mdp = modelOf([[[[1, 1, 0]]], [[[0, 1, 0]], [[2, 1, 0]]], [[[0, 1, 0]], [[3, 1, 5]]], [null]])
    const { value, policy } = stochasticShortestPath(mdp, options)
    expect([...policy]).toEqual([0, 1, 1, -1])
    expect([...value].map((v) => Math.round(v * 1e8) / 1e8)).toEqual([5, 5, 5, 0])
  })

  it('is the best of all proper policies, and refused only where a policy that never ends is better, or might be', () => {
    let solved = 0
    let refused = 0
    fc.assert(
      fc.property(mazes, (mdp) => {
        const { best, proper, endless } = enumerate(mdp)
        try {
          const { value, lower, upper, policy } = stochasticShortestPath(mdp, options)
          expect(proper).toBeGreaterThan(0)
          best.forEach((v, s) => {
            expect(Math.abs(value[s]! - v)).toBeLessThan(1e-8)
            expect(lower[s]).toBeLessThanOrEqual(v + 1e-10)
            expect(upper[s]).toBeGreaterThanOrEqual(v - 1e-10)
          })
          densePolicyValue(mdp, policy, 1).forEach((v, s) => {
            expect(Math.abs(v - best[s]!)).toBeLessThan(1e-8)
          })
          solved++
        } catch (error) {
          if (!(error instanceof ModelError)) throw error
          expect(proper === 0 || endless).toBe(true)
          refused++
        }
      }),
      { numRuns: 300, seed: 8 },
    )
    expect(solved).toBeGreaterThan(50)
    expect(refused).toBeGreaterThan(20)
  })

  it.each<[string, ModelRows, RegExp]>([
    [
      'a state that never ends',
      [[[[1, 1, 0]], [[2, 1, 0]]], [[[1, 1, -1]]], [null]],
      /state 1 can't: no policy is proper/,
    ],
    [
      'a cycle that earns, beside an end of probability 0',
      [
        [
          [
            [0, 1, 1],
            [1, 0, 0],
          ],
          [[1, 1, 0]],
        ],
        [null],
      ],
      /near state 0 one can go round for ever and gain 1\.000 a step/,
    ],
    [
      'a state that ends with probability 0 only',
      [
        [
          [
            [0, 1, -1],
            [1, 0, 0],
          ],
        ],
        [null],
      ],
      /state 0 can't: no policy is proper/,
    ],
    [
      'a cycle that earns',
      [[[[0, 1, 1]], [[1, 1, 0]]], [null]],
      /near state 0 one can go round for ever and gain 1\.000 a step on average: there is no best total/,
    ],
    [
      'staying for free where ending costs',
      [[[[0, 1, 0]], [[1, 1, -3]]], [null]],
      /near state 0 one can move about for ever at reward 0 while ending is worth -2\.99/,
    ],
  ])('refuses %s', (_, rows, message) => {
    expect(() => stochasticShortestPath(modelOf(rows), options)).toThrow(message)
  })
})

describe('a mean reward that is 0 but for rounding', () => {
  // State 0 stays or leaves to the end for 1; .1 x 3 + .2 x 2 + .7 x -1 is 5.6e-17 in f64.
  const circling = (mean: number): TabularMdp =>
    modelOf([
      [[[0, 1, mean]], [[1, 1, 1]]],
      [null, null],
    ])

  it.each([0.1 * 3 + 0.2 * 2 + 0.7 * -1, 0.5 - 0.5, -(0.1 * 3 + 0.2 * 2 - 0.7)])('is 0: %d', (mean) => {
    expect(Math.abs(mean)).toBeLessThan(1e-15)
    expect(everyTotalIsFinite(circling(mean))).toBe(true)
    const { value, policy } = stochasticShortestPath(circling(mean), options)
    expect(value[0]).toBeCloseTo(1, 9)
    expect(policy[0]).toBe(1)
  })

  it('is not taken for 0 where it is small, and real', () => {
    expect(everyTotalIsFinite(circling(1e-13))).toBe(false)
    expect(() => stochasticShortestPath(circling(1e-9), options)).toThrow(/gain 1\.000e-9 a step/)
  })
})
