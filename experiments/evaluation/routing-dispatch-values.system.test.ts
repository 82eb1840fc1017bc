import { describe, expect, it } from 'vitest'
import { baselines } from '#algorithms/baselines/baselines.js'
import { evaluatePolicy } from '#algorithms/planning/policy-evaluation.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { dispatchPolicies } from '#env/routing-dispatch/policies/scripted.js'
import { RoutingDispatch } from '#env/routing-dispatch/routing-dispatch.js'
import { scoreWeights } from '#env/spec.js'
import { VectorEnv } from '#env/vector-env.js'

const discount = 0.97
const make = (settings: object = {}) => new RoutingDispatch(routingDispatchConfig.parse(settings))

// Reference values: two separately written solvers agree on them to 1e-8.
describe('the exact model of the quickstart instance', () => {
  const model = toJointMdp(make())
  const { value } = valueIteration(model, { discount, epsilon: 1e-9 })

  it('has 2016 states, 4512 legal state-action pairs and 354,016 transitions', () => {
    expect(model.numStates).toBe(2016)
    expect(model.successor.length).toBe(354_016)
    const legal = model.reward.filter((_, row) => model.rowStart[row + 1]! > model.rowStart[row]!).length
    expect(legal).toBe(4512)
  })

  it("has the reference's V*", () => {
    expect(value[0]).toBeCloseTo(72.371772413, 7)
    expect(value.reduce((sum, v) => sum + v, 0) / 2016).toBeCloseTo(49.7367583189, 7)
  })

  it.each([
    [0.95, 46.73136925],
    [0.98, 103.55275897],
    [0.99, 196.50797099],
  ])("has the reference's V* at gamma %d", (gamma, expected) => {
    expect(valueIteration(model, { discount: gamma, epsilon: 1e-9 }).value[0]).toBeCloseTo(expected, 7)
  })

  // Bit i of the mask: agent i claims; our joint index has the last agent fastest.
  const jointOf = (mask: number) => (mask & 1) * 4 + ((mask >> 1) & 1) * 2 + ((mask >> 2) & 1)
  const eight = [0, 1, 2, 3, 4, 5, 6, 7]
  it.each([
    [6, [74.94056524, 73.49542648, 78.79029337, 75.14285992, 77.10283313, 74.2991298, 76.94656325, 74.46285099]],
    [3, [70.36684147, 74.09542648, 70.39029337, 71.24285992, 72.90283313, 72.4991298, 70.64656325, 70.46285099]],
    [405, [65.71366027, 62.66168946, 67.27696611, 63.96932779, 66.11634951, 63.38901949, 65.69665781, 63.35166836]],
  ])("has the reference's Q* in state %d, conflicts included", (state, expected) => {
    const q = qValues(model, value, discount)
    for (const mask of eight) expect(q[state * 8 + jointOf(mask)]).toBeCloseTo(expected[mask]!, 6)
  })

  it('is worth the same to a central dispatcher: the optimum never claims twice', () => {
    const central = toJointMdp(make({ control: 'centralised' }))
    expect(valueIteration(central, { discount, epsilon: 1e-9 }).value[0]).toBeCloseTo(72.371772413, 7)
  })
})

describe('policies that are not learned', () => {
  const config = routingDispatchConfig.parse({})
  const env = new RoutingDispatch(config)
  const model = toJointMdp(env)
  const byName = (name: string, settings: RoutingDispatchConfig = config): Policy => {
    const entry = [...dispatchPolicies, ...baselines].find((policy) => policy.name === name)!
    return entry.create({ spec: env.spec, envConfig: settings } as never, entry.schema.parse({}) as never)
  }
  const known: [string, number][] = [
    ['margin-with-reserve', 69.03817277],
    ['margin-minus-delay', 67.3666983],
    ['best-margin', 65.84740804],
    ['most-skilled-idle', 60.56400681],
    ['most-skilled-if-free', 58.02894469],
    ['most-skilled', 57.134772],
    ['shortest-queue', 47.69985715],
    ['round-robin', 44.29672501],
    ['cheapest', 30.17551786],
    ['random', 24.77697911],
    ['all-claim', 18.58578929],
    ['never-claim', -33.99548546],
  ]

  it.each(known)('%s has the exact value %d', (name, expected) => {
    expect(evaluatePolicy(model, byName(name), { discount }).start).toBeCloseTo(expected, 6)
  })

  it.each(['margin-minus-delay', 'random', 'all-claim'])('%s: the simulator agrees with the exact value', (name) => {
    const policy = byName(name)
    const exact = evaluatePolicy(model, policy, { discount }).start
    const { mean, halfWidth } = simulate(policy, 4000)
    expect(Math.abs(mean - exact)).toBeLessThan(halfWidth)
  })

  /** Mean discounted return over episodes long enough for the tail to be negligible, with its 99% half width. */
  function simulate(policy: Policy, episodes: number): { mean: number; halfWidth: number } {
    const limitSteps = 500
    const venv = new VectorEnv(() => make({ limitSteps }), episodes, `simulate ${episodes}`)
    venv.reset()
    const rng = new Rng('simulated policy')
    const weight = scoreWeights(venv.spec)
    const actions = new Int32Array(episodes * venv.layout.agents)
    const returns = new Float64Array(episodes)
    for (let t = 0; t < limitSteps; t++) {
      policy.act(venv.current, rng, actions)
      const { reward } = venv.step(actions)
      for (let e = 0; e < episodes; e++) returns[e]! += discount ** t * reward[e * weight.length]!
    }
    const mean = returns.reduce((sum, value) => sum + value, 0) / episodes
    const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (episodes - 1)
    return { mean, halfWidth: 2.576 * Math.sqrt(variance / episodes) }
  }
})
