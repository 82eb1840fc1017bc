import { describe, expect, it } from 'vitest'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { gridworld } from '#env/gridworld/entry.js'
import { toJointMdp, toMdp } from '#env/mdp/enumerate.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { random } from '../baselines/random.js'
import { densePolicyValue } from '../testing/dense-solve.js'
import { forest, mdpSolverExample, smallTwoByTwo } from '../testing/models.js'
import { plannedPolicy } from './planned-policy.js'
import { planners } from './planners.js'
import { evaluatePolicy } from './policy-evaluation.js'
import { qValues } from './q-values.js'
import { valueIteration } from './value-iteration.js'

// Values: the shared known answers (mdp.yaml), exact linear solves; printed digits in each comparison.
const lake = (config: object) => toMdp(frozenLake.create(frozenLake.schema.parse(config)))

/** Values of the plan, checked to 1e-8 against a dense solve of its policy. */
function planned(mdp: TabularMdp, discount: number) {
  const result = valueIteration(mdp, { discount, epsilon: 1e-10 })
  const exact = densePolicyValue(mdp, result.policy, discount)
  exact.forEach((v, s) => {
    expect(Math.abs(result.value[s]! - v)).toBeLessThan(1e-8)
  })
  return { ...result, start: mdp.start.reduce((sum, p, s) => sum + p * result.value[s]!, 0) }
}

describe('every discounted planner', () => {
  // Printed by the doctests of pymdptoolbox (PolicyIteration, 0.9) and the README of MDPSolver; the rest exact solves.
  const known: [string, TabularMdp, number, number[], number[]][] = [
    ['forest', forest(), 0.9, [26.244, 29.484, 33.484], [0, 0, 0]],
    ['forest', forest(), 0.95, [58.482, 61.902, 65.902], [0, 0, 0]],
    ['forest', forest(), 0.96, [74.6496, 78.1056, 82.1056], [0, 0, 0]],
    ['forest', forest(), 0.99, [317.5524, 321.1164, 325.1164], [0, 0, 0]],
    ['small 2x2', smallTwoByTwo(), 0.9, [1825 / 43, 1550 / 43], [1, 0]],
    ['MDPSolver', mdpSolverExample(), 0.8, [30.443298969072, 40.288659793814, 117.917525773196], [1, 1, 0]],
  ]
  const discounted = planners.filter(({ name }) => !['backward-induction', 'stochastic-shortest-path'].includes(name))

  it.each(known)('solves %s', (_, mdp, discount, value, policy) => {
    expect(discounted).toHaveLength(4)
    for (const planner of discounted) {
      const plan = planner.plan(mdp, { discount, epsilon: 1e-9 })
      value.forEach((v, s) => {
        expect(Math.abs(plan.value[s]! - v)).toBeLessThan(1e-8)
      })
      expect([...plan.policy]).toEqual(policy)
    }
  })
})

describe('frozen-lake', () => {
  it.each([
    ['4x4', 0.9, 0.0688909049],
    ['4x4', 0.95, 0.1804715784],
    ['4x4', 0.99, 0.542025932],
    ['4x4', 0.999, 0.7855332567],
    ['8x8', 0.9, 0.0064111143],
    ['8x8', 0.99, 0.4146403618],
  ])('%s slippery at gamma %d is worth %d', (map, discount, expected) => {
    expect(Math.abs(planned(lake({ map }), discount).start - expected)).toBeLessThan(1e-10)
  })

  it.each([
    ['4x4', 0.95099005, 5],
    ['8x8', 0.87752102, 13],
  ])('%s without slipping is worth %d, 0.99^%d', (map, expected, steps) => {
    const { start } = planned(lake({ map, slippery: false }), 0.99)
    expect(start).toBeCloseTo(expected, 8)
    expect(start).toBeCloseTo(0.99 ** steps, 9)
  })

  it('has the published optimal policy at gamma 0.99', () => {
    const mdp = lake({ map: '4x4' })
    const { policy } = planned(mdp, 0.99)
    const published = [0, 3, 3, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 2, 1, 0]
    mdp.stateIds.forEach((id, s) => {
      if (mdp.terminal[s] === 0) expect(policy[s]).toBe(published[id])
      else expect(policy[s]).toBe(-1)
    })
  })
})

describe('gridworld 5x5 (Sutton and Barto, figures 3.2 and 3.5), gamma 0.9', () => {
  const env = gridworld.create(gridworld.schema.parse({}))
  const mdp = toJointMdp(env)

  it('has the known optimal values, and its plan is worth as much as a policy', () => {
    const known = [
      [21.977485, 24.419428, 21.977485, 19.419428, 17.477485],
      [19.779737, 21.977485, 19.779737, 17.801763, 16.021587],
      [17.801763, 19.779737, 17.801763, 16.021587, 14.419428],
      [16.021587, 17.801763, 16.021587, 14.419428, 12.977485],
      [14.419428, 16.021587, 14.419428, 12.977485, 11.679737],
    ].flat()
    const { value, start } = planned(mdp, 0.9)
    mdp.stateIds.forEach((id, s) => {
      expect(Math.abs(value[s]! - known[id]!)).toBeLessThan(6e-7)
    })
    const policy = plannedPolicy(mdp, env.spec, qValues(mdp, value, 0.9))
    expect(evaluatePolicy(mdp, policy, { discount: 0.9 }).start).toBeCloseTo(start, 8)
    expect(() => plannedPolicy(mdp, env.spec, new Float64Array(3))).toThrow(/plannedPolicy: 3 values/)
  })

  it('has the known values of the random policy', () => {
    const known = [
      [3.308996, 8.789292, 4.427619, 5.322368, 1.492179],
      [1.521588, 2.992318, 2.25014, 1.907572, 0.547403],
      [0.050822, 0.738171, 0.673113, 0.358186, -0.403141],
      [-0.973592, -0.435495, -0.354882, -0.585605, -1.183075],
      [-1.857701, -1.345231, -1.229267, -1.422918, -1.975179],
    ].flat()
    const { value } = evaluatePolicy(mdp, random.create({ spec: env.spec, envConfig: {} }, {}), { discount: 0.9 })
    mdp.stateIds.forEach((id, s) => {
      expect(Math.abs(value[s]! - known[id]!)).toBeLessThan(6e-7)
    })
  })
})

describe('gridworld 4x4 (Sutton and Barto, figure 4.1), undiscounted', () => {
  const env = gridworld.create(gridworld.schema.parse({ preset: '4x4' }))
  const mdp = toJointMdp(env)

  it('has the known values of the random policy', () => {
    const known = [0, -14, -20, -22, -14, -18, -20, -20, -20, -20, -18, -14, -22, -20, -14, 0]
    const policy = random.create({ spec: env.spec, envConfig: {} }, {})
    const { value, start, error } = evaluatePolicy(mdp, policy, { discount: 1, epsilon: 1e-9 })
    expect(error).toBeLessThanOrEqual(1e-9)
    mdp.stateIds.forEach((id, s) => {
      expect(Math.abs(value[s]! - known[id]!)).toBeLessThan(1e-8)
    })
    expect(start).toBeCloseTo(-256 / 14, 9)
  })
})
