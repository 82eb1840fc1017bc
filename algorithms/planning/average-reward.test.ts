import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { denseOptimalValue } from '../testing/dense-solve.js'
import { everyPolicy } from '../testing/every-policy.js'
import { forest, type ModelRows, modelOf, randomTeamModel, smallTwoByTwo } from '../testing/models.js'
import { averageReward } from './average-reward.js'
import { endComponents } from './end-components.js'

/** Small models in which one can be caught, by choice or by chance. */
const severalClasses = fc.integer({ min: 2, max: 5 }).chain((states) => {
  const outcome = fc.tuple(fc.nat(states - 1), fc.integer({ min: 1, max: 3 }), fc.integer({ min: -5, max: 5 }))
  const row = fc.array(outcome, { minLength: 1, maxLength: 2 })
  const state = fc.option(fc.tuple(row, row), { freq: 7 })
  return fc.array(state, { minLength: states, maxLength: states }).map((rows) =>
    modelOf(
      rows.map((actions, s) => {
        if (actions === null && s > 0) return [null, null]
        // One action in three stays where it is.
        return (actions ?? [[], []]).map((outcomes, a) => {
          const taken = outcomes.length === 0 || (s + 2 * a) % 3 === 0 ? [[s, 1, s - 2] as const] : outcomes
          const total = taken.reduce((sum, [, weight]) => sum + weight, 0)
          return taken.map(([next, weight, reward]) => [next, weight / total, reward] as const)
        })
      }),
    ),
  )
})

describe('average reward', () => {
  it.each([
    // pymdptoolbox RelativeValueIteration doctest; exact: the policy always waits, mu_old = 0.9^2 = 0.81, 0.81 * 4.
    ['forest', forest(), 3.24, [0, 0, 0]],
    // Exact gain of policy (1, 0): it is in state 0 for 4/9 of the time, 10 * 4/9 - 1 * 5/9.
    ['small 2x2', smallTwoByTwo(), 35 / 9, [1, 0]],
  ])('solves %s', (_, mdp: TabularMdp, gain, policy) => {
    const plan = averageReward(mdp, { epsilon: 1e-10 })
    expect(Math.abs(plan.gain - gain)).toBeLessThan(1e-10)
    expect(plan.lower).toBeLessThanOrEqual(gain)
    expect(plan.upper).toBeGreaterThanOrEqual(gain)
    expect([...plan.policy]).toEqual(policy)
  })

  it('solves a periodic chain, which plain sweeps never would', () => {
    const { gain, relativeValue } = averageReward(modelOf([[[[1, 1, 0]]], [[[0, 1, 1]]]]), { epsilon: 1e-10 })
    expect(gain).toBeCloseTo(0.5, 10)
    expect([...relativeValue]).toEqual([0, expect.closeTo(0.5, 9)])
  })

  it('is the limit of (1 - gamma) V*', () => {
    const connected = randomTeamModel.filter((mdp) => {
      const { count, component } = endComponents(mdp)
      return count === 1 && !component.includes(-1)
    })
    fc.assert(
      fc.property(connected, (mdp) => {
        const { gain } = averageReward(mdp, { epsilon: 1e-8 })
        const gamma = 1 - 1e-7
        for (const v of denseOptimalValue(mdp, gamma)) expect(Math.abs((1 - gamma) * v - gain)).toBeLessThan(1e-4)
      }),
      { numRuns: 40 },
    )
  })

  it.each<[string, ModelRows, number[]]>([
    ['to stay for 0 or go where staying pays 1', [[[[0, 1, 0]], [[1, 1, 0]]], [[[1, 1, 1]]]], [1, 1]],
    ['to go where 3 is paid instead of 1', [[[[1, 1, 0]], [[2, 1, 0]]], [[[1, 1, 1]]], [[[2, 1, 3]]]], [3, 1, 3]],
    ['to go on instead of ending', [[[[0, 1, 1]], [[1, 1, 0]]], [null]], [1, 0]],
    [
      'entries of probability 0 lead nowhere',
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
      [1, 0],
    ],
    ['to end instead of paying for ever', [[[[0, 1, -1]], [[1, 1, -50]]], [null]], [0, 0]],
    [
      'to be caught by chance',
      [
        [
          [
            [1, 0.25, 7],
            [2, 0.75, 0],
          ],
        ],
        [[[1, 1, -4]]],
        [[[2, 1, -8]]],
      ],
      [-7, -4, -8],
    ],
  ])('finds the best gain of each state: %s', (_, rows, known) => {
    const { gain, lower, upper, gains, lowerGains, upperGains, policy } = averageReward(modelOf(rows), {
      epsilon: 1e-9,
    })
    known.forEach((g, s) => {
      expect(Math.abs(gains[s]! - g)).toBeLessThan(1e-9)
      expect(lowerGains[s]).toBeLessThanOrEqual(g)
      expect(upperGains[s]).toBeGreaterThanOrEqual(g)
      expect(policy[s] === -1).toBe(rows[s]!.every((outcomes) => outcomes === null))
    })
    expect([gain, lower <= known[0]!, upper >= known[0]!]).toEqual([expect.closeTo(known[0]!, 9), true, true])
  })

  it('is that of the best of all policies, from every state, and the plan earns it', () => {
    let differing = 0
    fc.assert(
      fc.property(severalClasses, (mdp) => {
        const best = new Array<number>(mdp.numStates).fill(Number.NEGATIVE_INFINITY)
        const earned = new Map<string, readonly number[]>()
        for (const { policy, average } of everyPolicy(mdp)) {
          earned.set(policy.join(), average)
          average.forEach((g, s) => {
            best[s] = Math.max(best[s]!, g)
          })
        }
        const { gains, lowerGains, upperGains, policy } = averageReward(mdp, { epsilon: 1e-7 })
        const reached = earned.get(policy.join())!
        best.forEach((g, s) => {
          expect(lowerGains[s]).toBeLessThanOrEqual(g + 1e-10)
          expect(upperGains[s]).toBeGreaterThanOrEqual(g - 1e-10)
          expect(upperGains[s]! - lowerGains[s]!).toBeLessThanOrEqual(1e-7)
          expect(Math.abs(gains[s]! - g)).toBeLessThan(1e-7)
          expect(reached[s]).toBeGreaterThanOrEqual(lowerGains[s]! - 1e-10)
        })
        if (Math.max(...best) - Math.min(...best) > 0.01) differing++
      }),
      { numRuns: 200, seed: 3 },
    )
    expect(differing).toBeGreaterThan(50)
  })

  it('has relative values that satisfy g + h = r + P h on the way to the sets that are stayed in, too', () => {
    // 0 leads by chance to a round of 1 and 2 (gain 3) or stays on; 3 is terminal.
    const mdp = modelOf([
      [
        [
          [0, 0.5, 1],
          [1, 0.25, 1],
          [3, 0.25, 1],
        ],
      ],
      [[[2, 1, 2]]],
      [[[1, 1, 4]]],
      [null],
    ])
    const { gains, relativeValue } = averageReward(mdp, { epsilon: 1e-9 })
    expect([...gains]).toEqual([1.5, 3, 3, 0].map((g) => expect.closeTo(g, 8)))
    // h = 0 in 1 and 3, 1 in 2 (4 - 3); h(0) = 1 - 1.5 + h(0) / 2 = -1.
    expect([...relativeValue]).toEqual([-1, 0, 1, 0].map((h) => expect.closeTo(h, 7)))
  })

  it.each([1e-8, 1e-12])('solves two states that swap with probability %d: half of the time in each', (swap) => {
    const { gain, lower, upper, method } = averageReward(
      modelOf([
        [
          [
            [0, 1 - swap, 0],
            [1, swap, 0],
          ],
        ],
        [
          [
            [1, 1 - swap, 1],
            [0, swap, 1],
          ],
        ],
      ]),
      { epsilon: 1e-9 },
    )
    expect(method).toBe('policy-iteration')
    expect(Math.abs(gain - 0.5)).toBeLessThan(1e-9)
    expect(lower).toBeLessThanOrEqual(0.5)
    expect(upper).toBeGreaterThanOrEqual(0.5)
  })

  it('solves groups of states that are hardly ever left, with a choice which to leave', () => {
    // Three rounds of four states; each round pays its number, and may be left for the next with probability 1e-9 or 1e-7.
    const rows: ModelRows = Array.from({ length: 12 }, (_, s) => {
      const [round, k] = [Math.floor(s / 4), s % 4]
      const leave = (p: number) =>
        [
          [4 * round + ((k + 1) % 4), 1 - p, round],
          [(4 * round + 4) % 12, p, round],
        ] as const
      return [leave(1e-9), leave(1e-7)]
    })
    const { gain, lower, upper, policy } = averageReward(modelOf(rows), { epsilon: 1e-6 })
    // Times in the rounds are 1 / p: leave the first two at 1e-7, stay in the last at 1e-9: (1e7 + 2e9) / (2e7 + 1e9).
    const known = (1e7 + 2e9) / (2e7 + 1e9)
    expect(Math.abs(gain - known)).toBeLessThan(1e-6)
    expect([lower <= known, upper >= known]).toEqual([true, true])
    expect([...policy]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0])
  })

  it('counts time where the sets of states that can be stayed in take different times', () => {
    // 2 in time 4, 1 in time 1: the second is better by the unit of time, the first by the step.
    const mdp = modelOf([[[[1, 1, 0]], [[2, 1, 0]]], [[[1, 1, 2, 4]]], [[[2, 1, 1]]]])
    const { gains, policy } = averageReward(mdp, { epsilon: 1e-9 })
    expect([...gains]).toEqual([1, 0.5, 1].map((g) => expect.closeTo(g, 8)))
    expect(policy[0]).toBe(1)
  })

  it('has relative values in units of reward there, too: g t + h = r + P h', () => {
    // A round of 1 and 2 (5 in time 8), a stay in 3 (1 in time 4), and 0 that leads to the first in time 20.
    const mdp = modelOf([
      [[[1, 1, 3, 20]], [[3, 1, 0, 4]]],
      [[[2, 1, 4, 6]], null],
      [[[1, 1, 1, 2]], null],
      [[[3, 1, 1, 4]], null],
    ])
    const { gains, relativeValue, policy } = averageReward(mdp, { epsilon: 1e-9 })
    expect([...policy]).toEqual([0, 0, 0, 0])
    expect([...gains]).toEqual([0.625, 0.625, 0.625, 0.25].map((g) => expect.closeTo(g, 8)))
    // h(1) = 0: h(2) = 1 - 2 x .625; h(0) = 3 - 20 x .625.
    expect([...relativeValue]).toEqual([-9.5, 0, -0.25, 0].map((h) => expect.closeTo(h, 7)))
  })

  it('has bounds within epsilon in all, however much of it the sets that can be stayed in and the way there take', () => {
    // Rounds that mix by a factor of .97 a sweep, so that their bounds end just within what they may take.
    const slow = (a: number, b: number, pay: number) =>
      [
        [a, 0.97, pay],
        [b, 0.03, pay],
      ] as const
    const mdp = modelOf([
      [[...slow(0, 1, 0).slice(0, 1), [2, 0.015, 0], [4, 0.015, 0]]],
      [[[0, 1, 0]]],
      [slow(2, 3, 5)],
      [slow(3, 2, 1)],
      [slow(4, 5, -7)],
      [slow(5, 4, -1)],
      [[[6, 1, 9]]],
    ])
    for (let k = 0; k < 40; k++) {
      const epsilon = 1e-4 * 0.93 ** k
      const { lowerGains, upperGains } = averageReward(mdp, { epsilon })
      ;[-0.5, -0.5, 3, 3, -4, -4, 9].forEach((g, s) => {
        expect(lowerGains[s]).toBeLessThanOrEqual(g)
        expect(upperGains[s]).toBeGreaterThanOrEqual(g)
        expect(upperGains[s]! - lowerGains[s]!).toBeLessThanOrEqual(epsilon)
      })
    }
  })

  it('has bounds that leave room for what f64 rounds, of the times of steps, too', () => {
    // Everywhere 3e5 a step: sweeps find the same number in each state at once.
    const width = (time: number) => {
      const chances = [0.1, 0.2, 0.7]
      const row = chances.map((p, next) => [next, p, 3e5, time] as const)
      const { gain, lower, upper } = averageReward(modelOf(chances.map(() => [row])), { epsilon: 1e-3 })
      return (upper - lower) / gain
    }
    expect(width(1)).toBeGreaterThan(4 * 2 ** -53)
    expect(width(7)).toBeGreaterThan(1.2 * width(1))
  })

  it.each([
    [{ epsilon: 0 }, /positive finite epsilon/],
    [{ epsilon: 1e-9, maxIterations: 2 }, /at most 2 sweeps/],
    [{ epsilon: 1e-17 }, /rounding in f64/],
  ])('refuses %o', (options, message) => {
    expect(() => averageReward(smallTwoByTwo(), options)).toThrow(message)
  })
})

describe('end components', () => {
  it('are where actions can stay for ever', () => {
    // 0 <-> 1 closed by action 0; 2 leaks; 3 stays by itself; 4 is terminal.
    const mdp = modelOf([
      [[[1, 1, 0]], [[2, 1, 0]]],
      [[[0, 1, 0]], [[4, 1, 0]]],
      [
        [
          [2, 0.5, 0],
          [3, 0.5, 0],
        ],
      ],
      [[[3, 1, 1]]],
      [null],
    ])
    const { count, component, stays } = endComponents(mdp)
    expect([count, [...component]]).toEqual([2, [0, 0, -1, 1, -1]])
    expect([...stays]).toEqual([1, 0, 1, 0, 0, 0, 1, 0, 0, 0])
    const free = Uint8Array.from(mdp.reward, (r) => (r === 0 ? 1 : 0))
    expect([...endComponents(mdp, free).component]).toEqual([0, 0, -1, -1, -1])
  })
})
