import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { IllegalActionError, IterationLimitError, ModelError, NotEnumerableError } from '#env/errors.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { toFactoredMdp } from '#env/mdp/factored-mdp.js'
import type { Policy } from '#env/policy.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { dispatchPolicies } from '#env/routing-dispatch/policies/scripted.js'
import { RoutingDispatch } from '#env/routing-dispatch/routing-dispatch.js'
import { finiteHorizonValue } from '../finite-horizon.js'
import { evaluatePolicy, PolicyEvaluator } from '../policy-evaluation.js'
import { valueIteration } from '../value-iteration.js'
import { Contraction } from './contraction.js'
import { FactoredEvaluator } from './factored-evaluation.js'
import { planFactored, planFactoredSteps } from './factored-planning.js'

const discount = 0.97
const settingsOf = {
  decentralised: {},
  centralised: { control: 'centralised' },
  'a reward that is no sum': { reward: 'max(value - cost, 0) - (queued > 2 ? queued ^ 2 : 0) - conflicts * loss ^ 2' },
}

describe.each(Object.entries(settingsOf))('the quickstart instance in factors, %s', (_, settings) => {
  const config = routingDispatchConfig.parse(settings)
  const env = new RoutingDispatch(config)
  const joint = toJointMdp(new RoutingDispatch(config))
  const mdp = toFactoredMdp(new RoutingDispatch(config))
  const evaluator = new FactoredEvaluator(mdp, discount)

  it('has the values of the joint model: the optimum, and that of every policy', () => {
    const plan = planFactored(mdp, { discount, epsilon: 2e-9 })
    const optimum = valueIteration(joint, { discount, epsilon: 1e-9 })
    joint.stateIds.forEach((state, s) => {
      if (Math.abs(plan.value[state]! - optimum.value[s]!) > 2e-9) expect(plan.value[state]).toBe(optimum.value[s])
    })
    expect(plan.error).toBeLessThanOrEqual(1e-9)
    const policies = [...dispatchPolicies, random]
    // f64 resolves less of large values.
    const epsilon = optimum.value.reduce((most, v) => Math.max(most, Math.abs(v)), 0) > 200 ? 1e-8 : 5e-10
    for (const entry of policies) {
      const policy = entry.create({ spec: env.spec, envConfig: config }, {})
      const known = evaluatePolicy(joint, policy, { discount, epsilon })
      const { value, start, error } = evaluator.evaluate(policy, { epsilon })
      expect(error).toBeLessThanOrEqual(epsilon)
      expect(Math.abs(start - known.start)).toBeLessThan(2 * epsilon)
      joint.stateIds.forEach((state, s) => {
        if (Math.abs(value[state]! - known.value[s]!) > 2 * epsilon) expect(value[state]).toBe(known.value[s])
      })
    }
  })

  it('plans a policy that is worth what it says', () => {
    const { policy, value, error } = planFactored(mdp, { discount, epsilon: 1e-6 })
    const planned = new PolicyEvaluator(joint, discount).evaluateActions(
      Int32Array.from(joint.stateIds, (s) => policy[s]!),
    )
    const lost = joint.stateIds.reduce((most, state, s) => Math.max(most, value[state]! - planned.value[s]!), 0)
    expect(lost).toBeLessThanOrEqual(error + 1e-9)
  })

  it('is worth the same over some steps', () => {
    const policy = random.create({ spec: env.spec, envConfig: config }, {})
    const known = new PolicyEvaluator(joint, discount).startOverSteps(policy, 20)
    expect(evaluator.startOverSteps(policy, 20).start).toBeCloseTo(known.start, 9)
    const best = finiteHorizonValue(joint, { discount: 1, horizonSteps: 20 })
    expect(planFactoredSteps(mdp, 1, 20).start).toBeCloseTo(best.value[0]!, 9)
  })
})

describe('a contraction', () => {
  it('multiplies by the product of the matrices, whatever their rows', () => {
    const factors = fc.array(fc.record({ size: fc.integer({ min: 1, max: 6 }), seed: fc.nat() }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(factors, fc.nat(), (given, salt) => {
        const sizes = Int32Array.from(given, ({ size }) => size)
        const moves = given.map(({ size, seed }) => {
          const draw = (k: number) => Math.abs(Math.sin(seed + 7 * k))
          const matrix = Float64Array.from({ length: size * size }, (_, k) => (draw(k) < 0.4 ? 0 : draw(k)))
          for (let row = 0; row < size; row++) {
            matrix[row * size + (row % size)]! += 0.1
            const sum = matrix.subarray(row * size, (row + 1) * size).reduce((all, p) => all + p, 0)
            for (let k = row * size; k < (row + 1) * size; k++) matrix[k]! /= sum
          }
          return matrix
        })
        const numStates = sizes.reduce((product, size) => product * size, 1)
        const value = Float64Array.from({ length: numStates }, (_, s) => Math.cos(salt + s))
        const digits = (state: number) => {
          let rest = state
          return [...sizes].map((size) => {
            const digit = rest % size
            rest = (rest - digit) / size
            return digit
          })
        }
        const got = new Contraction(sizes, moves).apply(value)
        for (let y = 0; y < numStates; y++) {
          const from = digits(y)
          let expected = 0
          for (let s = 0; s < numStates; s++) {
            expected += digits(s).reduce((p, to, f) => p * moves[f]![from[f]! * sizes[f]! + to]!, 1) * value[s]!
          }
          if (Math.abs(got[y]! - expected) > 1e-12) expect(got[y]).toBe(expected)
        }
      }),
    )
  })
})

it('adds up what rounding does in each step', () => {
  const mdp = toFactoredMdp(new RoutingDispatch(routingDispatchConfig.parse({})))
  const [before, after] = [99, 100].map((steps) => planFactoredSteps(mdp, 1, steps).error)
  // Values grow, and the last step's part with them: it is above the mean of all, and below twice that.
  const share = (after! - before!) / after!
  expect(share).toBeGreaterThan(1 / 100)
  expect(share).toBeLessThan(2 / 100)
})

it('knows the least and the most that the rows of all its factors sum to together', () => {
  const of = new Contraction(Int32Array.of(2, 2), [Float64Array.of(0.5, 0.4, 1, 0), Float64Array.of(0.8, 0, 0.5, 0.75)])
  expect([of.minRowSum, of.maxRowSum]).toEqual([expect.closeTo(0.9 * 0.8, 12), expect.closeTo(1.25, 12)])
  expect(of.products).toBe(4)
})

describe('exact values in factors are refused', () => {
  const mdp = toFactoredMdp(new RoutingDispatch(routingDispatchConfig.parse({})))
  const evaluator = new FactoredEvaluator(mdp, discount)
  const always = (action: number): Policy => ({ observes: 'local', act: (_batch, _rng, out) => void out.fill(action) })

  it('where a policy remembers, draws in secret or does what it may not', () => {
    const remembering = { ...always(0), memory: { size: 1 } }
    expect(() => evaluator.evaluate(remembering)).toThrowError(NotEnumerableError)
    const drawing: Policy = { ...always(0), act: (_batch, rng, out) => void out.fill(rng.integer(1)) }
    expect(() => evaluator.evaluate(drawing)).toThrowError(/draws random numbers in act/)
    expect(() => evaluator.evaluate(always(1))).toThrowError(IllegalActionError)
    expect(() => evaluator.evaluate(always(1))).toThrowError(/state 0 agent 2: expected a legal action \(0\), got 1/)
    const halves: Policy = { ...always(0), probabilities: (_batch, out) => void out.fill(0.4) }
    expect(() => evaluator.evaluate(halves)).toThrowError(/probabilities sum to 0\.4|probabilities sum to 0\.8/)
  })

  it('where f64 cannot tell them so well, or the discount is no discount', () => {
    expect(() => evaluator.evaluate(always(0), { epsilon: 1e-14 })).toThrowError(IterationLimitError)
    expect(() => planFactored(mdp, { discount, epsilon: 1e-14 })).toThrowError(/rounding in f64 alone leaves/)
    expect(() => planFactored(mdp, { discount: 1 })).toThrowError(ModelError)
    expect(() => new FactoredEvaluator(mdp, 1.5)).toThrowError(/expected a discount in \[0, 1\)/)
    expect(() => new FactoredEvaluator(mdp, 1).evaluate(always(0))).toThrowError(/got 1/)
    expect(() => evaluator.evaluate(always(0), { epsilon: 0 })).toThrowError(/positive finite epsilon/)
  })

  it('but taken to what f64 resolves where they are asked for by share', () => {
    const { start, error } = evaluator.evaluate(always(0), { relative: 1e-14 })
    expect(start).toBeCloseTo(-33.99548546, 8)
    expect(error).toBeLessThan(1e-9)
    const free = toFactoredMdp(new RoutingDispatch(routingDispatchConfig.parse({ reward: '0 * value' })))
    expect(planFactored(free, { discount, relative: 1e-9 })).toMatchObject({ start: 0, iterations: 1 })
    expect(new FactoredEvaluator(free, discount).evaluate(always(0), { relative: 1e-9 }).start).toBe(0)
  })
})
