import { describe, expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { forest } from '#env/forest/entry.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { modelOf } from '../testing/models.js'
import { defaultPlanner } from './default-planner.js'
import type { Planner } from './planner.js'
import { PolicyEvaluator } from './policy-evaluation.js'
import { errorAtStart, planRelative } from './relative-accuracy.js'

const model = toJointMdp(forest.create(forest.schema.parse({})))
const scaled = (factor: number): JointMdp => ({ ...model, reward: model.reward.map((r) => r * factor) })
const width = ({ lower, upper }: { lower: Float64Array; upper: Float64Array }) =>
  Math.max(...upper.map((v, s) => v - lower[s]!))

describe('planning to a share of the values', () => {
  // The shared known answers (mdp.yaml): forest at gamma 0.9.
  const known = [26.244, 29.484, 33.484]

  it.each([1e-300, 1e-12, 1, 1e12, 1e300])('finds the same values in rewards %d times as large', (factor) => {
    const plan = planRelative(defaultPlanner, scaled(factor), { discount: 0.9, relative: 1e-9 })
    known.forEach((v, s) => {
      expect(plan.value[s]! / factor / v).toBeCloseTo(1, 8)
    })
    expect(width(plan) / factor).toBeLessThan(1e-9 * 33.484 * 1.2)
  })

  it('comes as near as f64 does where that is less, and its bounds say so', () => {
    const asked = { discount: 0.9999999, relative: 1e-11 }
    const plan = planRelative(defaultPlanner, model, asked)
    expect(width(plan)).toBeGreaterThan(1e-11 * plan.value[2]!)
    expect(width(plan)).toBeLessThan(1e-6 * plan.value[2]!)
  })

  it.each([0.9, 1])('is exactly 0 where nothing is earned, at discount %d', (discount) => {
    // Goes round, or ends by chance: bounds alone would leave the value somewhere within them.
    const nothing = modelOf([
      [[[0, 1, 0]], [[2, 1, 0]]],
      [
        [[1, 1, 0]],
        [
          [0, 0.5, 0],
          [1, 0.5, 0],
        ],
      ],
      [null, null],
    ])
    const { value, lower, upper, policy } = planRelative(defaultPlanner, nothing, { discount, relative: 1e-9 })
    for (const zeros of [value, lower, upper]) expect([...zeros]).toEqual([0, 0, 0])
    expect(policy[2]).toBe(-1)
  })

  it('is not misled by a reward that the best policy stays away from', () => {
    const reward = model.reward.slice()
    // Cutting a young forest, which never pays.
    reward[1] = -1e5
    const asked: number[] = []
    const noting: Planner = {
      name: 'noting',
      plan: (mdp, options) => {
        asked.push(options.epsilon)
        return defaultPlanner.plan(mdp, options)
      },
    }
    const plan = planRelative(noting, { ...model, reward }, { discount: 0.9, relative: 1e-9 })
    // Asked for by the size of the values in the end, not by that of the reward nobody gets.
    expect(asked.at(-1)).toBeLessThan(2 * 1e-9 * 33.5)
    expect(width(plan)).toBeLessThan(1e-7)
    known.forEach((v, s) => {
      expect(plan.value[s]).toBeCloseTo(v, 7)
    })
  })

  it('finds 0 where nothing is earned, and where the best is worth nothing', () => {
    const nothing = planRelative(defaultPlanner, scaled(0), { discount: 0.9, relative: 1e-9 })
    expect([...nothing.value].map(Math.abs)).toEqual([0, 0, 0])
    const reward = model.reward.map((_, row) => (row % 2 === 0 ? 0 : -1))
    const avoided = planRelative(defaultPlanner, { ...model, reward }, { discount: 0.9, relative: 1e-9 })
    for (const v of avoided.value) expect(Math.abs(v)).toBeLessThan(1e-14)
  })

  it('tells the error at the start: half the distance of the bounds, by the start distribution', () => {
    const plan = { lower: Float64Array.of(0, 1, 2), upper: Float64Array.of(1, 1.5, 6) }
    const rest = { value: plan.lower, policy: new Int32Array(3), iterations: 1, method: 'none' }
    expect(errorAtStart({ ...plan, ...rest }, Float64Array.of(0.5, 0.5, 0))).toBe(0.375)
  })
})

describe('evaluating a policy to a share of its values', () => {
  const policy = random.create({ spec: forest.create(forest.schema.parse({})).spec, envConfig: {} }, {})
  const exact = new PolicyEvaluator(model, 0.9).evaluate(policy).start

  it.each([1e-300, 1e-12, 1, 1e12, 1e300])('finds the same value in rewards %d times as large', (factor) => {
    const { start, error } = new PolicyEvaluator(scaled(factor), 0.9).evaluate(policy, { relative: 1e-9 })
    expect(start / factor / exact).toBeCloseTo(1, 8)
    expect(error / factor).toBeLessThan(1e-9 * 20)
  })

  it('takes what f64 resolves near discount 1, and refuses where that says nothing', () => {
    const near = new PolicyEvaluator(model, 1 - 1e-6).evaluate(policy, { relative: 1e-9 })
    expect(near.error / near.start).toBeLessThan(1e-6)
    const nearer = new PolicyEvaluator(model, 1 - 1e-13)
    expect(() => nearer.evaluate(policy, { relative: 1e-9 })).toThrow(/rounding in f64 leaves/)
  })

  it('knows what the first steps earn: those of an episode that is cut off', () => {
    const evaluator = new PolicyEvaluator(model, 0.9)
    // By hand: acting at random earns 0, (0 + 1) / 2, (4 + 2) / 2 in the three states, which start alike.
    expect(evaluator.startOverSteps(policy, 1).start).toBeCloseTo((0 + 0.5 + 3) / 3, 12)
    const long = evaluator.startOverSteps(policy, 500)
    expect(Math.abs(long.start - exact)).toBeLessThan(1e-9)
    expect(long.error).toBeLessThan(1e-11)
  })
})
