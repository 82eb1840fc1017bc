import { describe, expect, it } from 'vitest'
import { garnet } from '#env/garnet/entry.js'
import { gridworld } from '#env/gridworld/entry.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { modelOf } from '../testing/models.js'
import { plannerConformance } from '../testing/planner-conformance.js'
import { modifiedPolicyIteration, modifiedPolicyIterationPlanner } from './modified-policy-iteration.js'
import { improve } from './optimality-sweep.js'
import { policyIteration, policyIterationPlanner } from './policy-iteration.js'
import { valueIteration } from './value-iteration.js'

describe('policy iteration', () => plannerConformance(policyIterationPlanner))
describe('modified policy iteration', () => plannerConformance(modifiedPolicyIterationPlanner))

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
    for (const plan of [valueIteration, policyIteration, modifiedPolicyIteration]) {
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
})

describe('modified policy iteration', () => {
  /** A grid of `side` x `side` whose last cell ends it, each step -1; a move goes astray to either side with `slip` / 2. */
  const grid = (side: number, slip: number) => {
    const to = (s: number, rows: number, columns: number) => {
      const row = Math.floor(s / side) + rows
      const column = (s % side) + columns
      return row < 0 || row >= side || column < 0 || column >= side ? s : row * side + column
    }
    const moves = [
      [-1, 0],
      [0, 1],
      [1, 0],
      [0, -1],
    ] as const
    const last = side * side - 1
    const go = (s: number, a: number, p: number) => [to(s, moves[a % 4]![0], moves[a % 4]![1]), p] as const
    const outcomes = (s: number, a: number) =>
      (slip === 0 ? [go(s, a, 1)] : [go(s, a, 1 - slip), go(s, a + 1, slip / 2), go(s, a + 3, slip / 2)]).map(
        ([next, p]) => [next, p, -1] as const,
      )
    return modelOf(
      Array.from({ length: side * side }, (_, s) =>
        s === last ? [null, null, null, null] : moves.map((_, a) => outcomes(s, a)),
      ),
    )
  }

  it('crosses a grid in a few sweeps, not one a cell of the way', () => {
    // 58 steps from corner to corner: -(1 - 0.99^58) / 0.01.
    const plan = modifiedPolicyIteration(grid(30, 0), { discount: 0.99, epsilon: 1e-6 })
    expect(plan.value[0]).toBeCloseTo(-(1 - 0.99 ** 58) / 0.01, 6)
    expect(plan.iterations).toBeLessThan(10)
  })

  it('finds what value iteration finds where moves slip', () => {
    const mdp = grid(12, 0.2)
    const settings = { discount: 0.99, epsilon: 1e-7 }
    const { value } = valueIteration(mdp, settings)
    const plan = modifiedPolicyIteration(mdp, settings)
    value.forEach((v, s) => {
      expect(Math.abs(plan.value[s]! - v)).toBeLessThanOrEqual(1e-7)
    })
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

it.each([1 - 1e-9, 1 - 1e-10])('policy iteration says so where f64 has too few digits, gamma %d', (discount) => {
  const mdp = toJointMdp(gridworld.create(gridworld.schema.parse({})))
  expect(() => policyIteration(mdp, { discount, epsilon: 0.01 })).toThrowError(/rounding in f64 alone leaves 4\.9e\+/)
})

it('modified policy iteration takes no more sweeps over all actions than value iteration where a chain mixes, however near 1 gamma is', () => {
  for (const branching of [2, 3, 8]) {
    const mdp = toJointMdp(garnet.create(garnet.schema.parse({ states: 500, branching })))
    const settings = { discount: 0.999, epsilon: 1e-6 }
    const { iterations } = modifiedPolicyIteration(mdp, settings)
    expect(iterations).toBeLessThan(valueIteration(mdp, settings).iterations / 2)
  }
})
