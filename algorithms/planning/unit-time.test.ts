import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { Rng } from '#env/rng.js'
import { random } from '../baselines/random.js'
import { denseOptimalValue, densePolicyValue } from '../testing/dense-solve.js'
import { acyclicTimedModel, jointOf, modelOf, randomTimedModel, slowOrFast } from '../testing/models.js'
import { plannerConformance } from '../testing/planner-conformance.js'
import { averageReward } from './average-reward.js'
import { backwardInduction, backwardInductionPlanner } from './backward-induction.js'
import { bestDecentralisedPolicy } from './decentralised/best-response.js'
import { defaultPlanner } from './default-planner.js'
import { finiteHorizon } from './finite-horizon.js'
import { modifiedPolicyIterationPlanner } from './modified-policy-iteration.js'
import { OccupancySolver } from './occupancy.js'
import { planners } from './planners.js'
import { evaluatePolicy, PolicyEvaluator } from './policy-evaluation.js'
import { policyIterationPlanner } from './policy-iteration.js'
import { qValues } from './q-values.js'
import { stochasticShortestPathPlanner } from './stochastic-shortest-path.js'
import { timedProbabilities, unitTime } from './unit-time.js'
import { valueIteration, valueIterationPlanner } from './value-iteration.js'

const FAST = 1.5 / (1 - 0.9 ** 2)
const SLOW = 2 / (1 - 0.9 ** 11)

describe('models whose steps take time', () => {
  const cases = { models: randomTimedModel, cases: 25 }
  describe('value iteration', () => plannerConformance(valueIterationPlanner, cases))
  describe('policy iteration', () => plannerConformance(policyIterationPlanner, cases))
  describe('modified policy iteration', () => plannerConformance(modifiedPolicyIterationPlanner, cases))
  describe('backward induction', () =>
    plannerConformance(backwardInductionPlanner, {
      models: acyclicTimedModel,
      discounts: [0, 0.3, 0.9, 1],
      iterates: false,
      cases: 25,
    }))

  it.each(planners.filter(({ name }) => !['backward-induction', 'stochastic-shortest-path'].includes(name)))(
    '$name takes the fast step, worth 7.894736842, though the slow one earns more',
    (planner) => {
      const { value, policy, lower, upper } = planner.plan(slowOrFast(), { discount: 0.9, epsilon: 1e-10 })
      expect(FAST).toBeCloseTo(7.894736842, 9)
      expect([...policy]).toEqual([1, -1])
      expect([value, lower, upper].map((values) => values.length)).toEqual([2, 2, 2])
      expect(Math.abs(value[0]! - FAST)).toBeLessThanOrEqual(1e-10)
      expect(lower[0]).toBeLessThanOrEqual(FAST + 1e-14)
      expect(upper[0]).toBeGreaterThanOrEqual(FAST - 1e-14)
    },
  )

  it('evaluates both policies: 7.894736842 fast, 2.914647 slow', () => {
    const mdp = jointOf(slowOrFast())
    const evaluator = new PolicyEvaluator(mdp, 0.9)
    expect(evaluator.evaluateActions(Int32Array.of(1, -1)).start).toBeCloseTo(FAST, 9)
    expect(evaluator.evaluateActions(Int32Array.of(0, -1)).start).toBeCloseTo(2.914647, 6)
    const q = qValues(mdp, Float64Array.of(FAST, 0), 0.9)
    expect([...q.subarray(0, 2)]).toEqual([2 + 0.9 ** 11 * FAST, FAST].map((v) => expect.closeTo(v, 12)))
    expect(SLOW).toBeCloseTo(2.914647, 6)
  })

  it('counts no time where the discount is 1, and nothing after the first step where it is 0', () => {
    // Ten steps on average: slow earns 20.
    expect(defaultPlanner.plan(slowOrFast(), { discount: 1, epsilon: 1e-9 }).value[0]).toBeCloseTo(20, 8)
    expect(stochasticShortestPathPlanner.plan(slowOrFast(), { discount: 1, epsilon: 1e-9 }).policy[0]).toBe(0)
    expect(evaluatePolicy(jointOf(slowOrFast()), acting(0), { discount: 1 }).start).toBeCloseTo(20, 8)
    expect(valueIteration(slowOrFast(), { discount: 0, epsilon: 1e-9 }).value[0]).toBeCloseTo(2, 12)
  })

  it('holds for evaluation, occupancies and Q on random models', () => {
    fc.assert(
      fc.property(randomTimedModel, fc.constantFrom(0.3, 0.9, 0.99), fc.nat(), (model, discount, seed) => {
        const mdp = jointOf(model)
        const policy = someActions(mdp, new Rng(`${seed}`))
        const exact = densePolicyValue(mdp, policy, discount)
        const evaluator = new PolicyEvaluator(mdp, discount)
        const { value, start } = evaluator.evaluateActions(policy)
        const visits = new OccupancySolver().solve(evaluator.chain)
        const q = qValues(mdp, value, discount)
        let earned = 0
        exact.forEach((v, s) => {
          expect(Math.abs(value[s]! - v)).toBeLessThanOrEqual(1e-8)
          if (mdp.terminal[s] === 1) return
          const row = s * mdp.numActions + policy[s]!
          expect(Math.abs(q[row]! - v)).toBeLessThanOrEqual(1e-8)
          earned += visits[s]! * mdp.reward[row]!
        })
        expect(Math.abs(earned - start)).toBeLessThanOrEqual(1e-6)
      }),
      { numRuns: 50 },
    )
  })

  it('finds the best local policy, and looks a few steps ahead', () => {
    const mdp = jointOf(slowOrFast())
    const spec = {
      id: 'slow-or-fast',
      version: '1',
      agents: [
        {
          name: 'agent',
          observation: { kind: 'box' as const, size: 1, low: 0, high: 1 },
          action: { kind: 'discrete' as const, n: 2 },
          numObservations: 2,
        },
      ],
      numStates: 2,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'shared' as const, over: 'episode' as const },
      limitSteps: null,
    }
    const best = bestDecentralisedPolicy(mdp, spec, { discount: 0.9, starts: 3, rng: new Rng('local') })
    expect(best.value).toBeCloseTo(FAST, 9)
    // Times below 1, where what follows looks worse without them; and losses, where it looks better. From the other table each.
    const short = 0.9 * 0.9 ** 0.5
    for (const [rewards, from, expected] of [
      [[2, 1.7], 0, 1.7 / (1 - short)],
      [[-2, -1.7], 1, -2 / (1 - 0.81)],
    ] as const) {
      const step = (reward: number, time: number) => [[0, 0.9, reward, time] as const, [1, 0.1, reward, time] as const]
      const model = jointOf(
        modelOf([
          [step(rewards[0], 1), step(rewards[1], 0.5)],
          [null, null],
        ]),
      )
      const initial = [[Int32Array.of(from, 0)]]
      const found = bestDecentralisedPolicy(model, spec, { discount: 0.9, starts: 2, rng: new Rng('local'), initial })
      expect(found.starts).toEqual([expect.closeTo(expected, 8), expect.closeTo(expected, 8)])
    }
    // Two steps: slow at once and then for the last time, or fast first.
    const { value, policy } = finiteHorizon(mdp, { discount: 0.9, horizonSteps: 2 })
    expect(value[0]![0]).toBeCloseTo(Math.max(2 + 0.9 ** 11 * 2, 1.5 + 0.9 ** 2 * 2), 12)
    expect([policy[0]![0], policy[1]![0]]).toEqual([1, 0])
    expect(value[0]).toHaveLength(2)
    const ring = modelOf([[[[1, 1, 3, 2]]], [[[0, 1, 1, 4]]]])
    const ahead = finiteHorizon(ring, { discount: 0.9, horizonSteps: 3 }).value
    expect(ahead[0]![0]).toBeCloseTo(3 + 0.9 ** 2 * (1 + 0.9 ** 4 * 3), 12)
    const uniform = random.create({ spec, envConfig: {} }, {})
    expect(evaluatePolicy(mdp, uniform, { discount: 0.9 }).start).toBeCloseTo(
      1.75 / (1 - (0.9 ** 11 + 0.9 ** 2) / 2),
      9,
    )
  })

  it('averages per unit of time: rewards 3 in time 2 and 1 in time 4, in turns', () => {
    const ring = modelOf([[[[1, 1, 3, 2]]], [[[0, 1, 1, 4]]]])
    const { gain, lower, upper, relativeValue } = averageReward(ring, { epsilon: 1e-10 })
    expect(gain).toBeCloseTo(4 / 6, 9)
    expect(lower).toBeLessThanOrEqual(4 / 6)
    expect(upper).toBeGreaterThanOrEqual(4 / 6)
    // h(0) = 3 - 2 g + h(1).
    expect(relativeValue[1]).toBeCloseTo(-3 + 8 / 6, 8)
    const stay = modelOf([
      [
        [[0, 1, 2, 10]],
        [
          [0, 0.5, 1.5, 1],
          [0, 0.5, 1.5, 3],
        ],
      ],
    ])
    const plan = averageReward(stay, { epsilon: 1e-9 })
    expect([plan.gain, plan.policy[0]]).toEqual([expect.closeTo(0.75, 8), 1])
  })

  it('looks for cycles past the times', () => {
    const chain = modelOf([[[[1, 1, 1, 3]]], [[[2, 1, 1, 5]]], [null]])
    expect([...backwardInduction(chain, 0.5)!.value]).toEqual([1 + 0.5 ** 3, 1, 0].map((v) => expect.closeTo(v, 15)))
    expect(backwardInduction(slowOrFast(), 0.9)).toBeNull()
  })
})

describe('unitTime', () => {
  it('leaves a model without times, and one of equal times its states, alone', () => {
    const plain = modelOf([[[[0, 1, 1]]]])
    expect(unitTime(plain, 0.9)).toEqual({ mdp: plain, discount: 0.9 })
    expect(unitTime(plain, 0.9).mdp).toBe(plain)
    const slow = unitTime(modelOf([[[[0, 1, 1, 2]]]]), 0.9)
    expect([slow.mdp.numStates, slow.mdp.elapsed, slow.discount]).toEqual([1, undefined, expect.closeTo(0.81, 15)])
  })

  it('sends what long times cost to an end of its own', () => {
    const { mdp, discount } = unitTime(slowOrFast(), 0.9)
    expect([mdp.numStates, discount]).toEqual([3, 0.9])
    expect([...mdp.successor]).toEqual([0, 1, 2, 0, 1])
    const kept = 0.9 * 0.9 ** 9
    expect([...mdp.probability]).toEqual([kept, 0.1, 0.9 - kept, 0.9, 0.1].map((p) => expect.closeTo(p, 15)))
    expect([[...mdp.terminal], [...mdp.start], [...mdp.stateIds]]).toEqual([
      [0, 1, 1],
      [1, 0, 0],
      [0, 1, -1],
    ])
  })

  it('says where times are too short for f64', () => {
    const instant = modelOf([[[[0, 1, 1, 1e-18]]]])
    expect(() => timedProbabilities(instant, 0.9)).toThrow(
      /shortest time of a step is 1e-18.*give times in a smaller unit/,
    )
  })

  it('is refused a broken model by every planner', () => {
    const mdp = { ...slowOrFast(), elapsed: Float64Array.of(10, 10, 0, 1) }
    for (const planner of planners) {
      expect(() => planner.plan(mdp, { discount: 0.9, epsilon: 1e-6 }), planner.name).toThrow(
        planner.name === 'stochastic-shortest-path'
          ? /expected discount 1/
          : /state 0 action 1 to state 0: elapsed is 0, expected a positive, finite time/,
      )
    }
    expect(() => averageReward(mdp, { epsilon: 1e-6 })).toThrow(/elapsed is 0/)
  })
})

it('agrees with a dense solve on 50 random models: values, bounds and evaluation within 1e-8', () => {
  for (const model of fc.sample(randomTimedModel, { numRuns: 50, seed: 9 })) {
    const exact = denseOptimalValue(model, 0.95)
    const { value, lower, upper, policy } = valueIteration(model, { discount: 0.95, epsilon: 1e-9 })
    const evaluated = new PolicyEvaluator(jointOf(model), 0.95).evaluateActions(policy)
    exact.forEach((v, s) => {
      expect(Math.abs(value[s]! - v)).toBeLessThanOrEqual(1e-8)
      expect(Math.abs(evaluated.value[s]! - v)).toBeLessThanOrEqual(1e-8)
      expect(lower[s]).toBeLessThanOrEqual(v + 1e-10)
      expect(upper[s]).toBeGreaterThanOrEqual(v - 1e-10)
    })
  }
})

function acting(action: number) {
  return {
    observes: 'local' as const,
    act: (_: unknown, __: unknown, out: Int32Array) => void out.fill(action),
  }
}

function someActions(mdp: JointMdp, rng: Rng): Int32Array {
  return Int32Array.from({ length: mdp.numStates }, (_, s) => {
    const legal = Array.from({ length: mdp.numActions }, (_, a) => a).filter((a) => {
      const row = s * mdp.numActions + a
      return mdp.rowStart[row + 1]! > mdp.rowStart[row]!
    })
    return legal.length === 0 ? -1 : legal[rng.integer(legal.length)]!
  })
}
