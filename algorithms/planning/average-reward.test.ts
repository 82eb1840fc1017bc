import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { denseOptimalValue } from '../testing/dense-solve.js'
import { forest, modelOf, randomTeamModel, smallTwoByTwo } from '../testing/models.js'
import { averageReward } from './average-reward.js'
import { endComponents } from './end-components.js'

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

  it('refuses two sets of states that can each be stayed in, naming one state of each', () => {
    const mdp = modelOf([[[[1, 1, 0]], [[2, 1, 0]]], [[[1, 1, 1]]], [[[2, 1, 3]]]])
    expect(() => averageReward(mdp, { epsilon: 1e-6 })).toThrow(/got 2 \(multichain; such as those of states 1 and 2\)/)
    const ends = modelOf([[[[0, 1, 1]], [[1, 1, 0]]], [null]])
    expect(() => averageReward(ends, { epsilon: 1e-6 })).toThrow(/states 0 and 1/)
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
