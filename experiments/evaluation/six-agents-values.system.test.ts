import { describe, expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { planFactored } from '#algorithms/planning/factored/factored-planning.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import type { FactoredSolution } from '../cli/commands/solution.js'
import type { Comparisons } from '../cli/commands/solve-compare.js'
import { main } from '../cli/main.js'
import { FakeIo } from '../cli/testing/fake-io.js'
import { optimumOf } from '../runner/references.js'
import { Evaluator } from './evaluator.js'
import { ModelCache } from './model-cache.js'

const discount = 0.97
const models = new ModelCache()

// Reference values: two separately written solvers.
describe.each(['decentralised', 'centralised'])('six agents, %s, in factors', (control) => {
  const config = routingDispatch.schema.parse({ instance: 'six-agents', control })
  const evaluator = new Evaluator(routingDispatch, config, { discount, method: 'exact', episodes: 1 }, models)
  const { spec } = routingDispatch.create(config)
  const worthOf = (name: string) => {
    const entry = [...routingDispatch.policies!, random].find((policy) => policy.name === name)!
    return evaluator.evaluate(entry.create({ spec, envConfig: config }, entry.schema.parse({})))
  }

  it('has the known optimum, to the digits that it is known to', () => {
    expect(evaluator.isExact).toBe(true)
    expect(evaluator.model).toBeNull()
    const { start, error, values } = optimumOf(evaluator, discount)!
    expect(start).toBeCloseTo(85.31233721, 8)
    expect(error).toBeLessThan(1e-7)
    expect(values).toBeNull()
    const plan = planFactored(evaluator.factored!.mdp, { discount, epsilon: 1e-3 })
    expect(Math.abs(plan.start - start)).toBeLessThan(plan.error)
  })

  it.each([
    ['margin-with-reserve', 83.9636],
    ['margin-minus-delay', 80.27123],
    ['most-skilled-if-free', 72.8161],
  ])('%s has the known value %d', (name, expected) => {
    const { score, method, error } = worthOf(name)
    expect(method).toBe('exact')
    expect(error).toBeLessThan(1e-6)
    expect(score).toBeCloseTo(expected, 4)
  })

  it.runIf(control === 'decentralised')('acting at random has the known value', () => {
    expect(worthOf('random').score).toBeCloseTo(-0.5235, 5)
  })
})

describe('an environment in factors', () => {
  const settings = { instance: 'six-agents' }
  const config = routingDispatch.schema.parse(settings)

  it('is sampled where that is asked for, and where a policy remembers and the method is auto', () => {
    const options = { discount, episodes: 4 }
    const sampled = new Evaluator(routingDispatch, config, { ...options, method: 'sampled' }, models)
    expect([sampled.isExact, sampled.factored]).toEqual([false, null])
    const auto = new Evaluator(routingDispatch, config, { ...options, method: 'auto' }, models)
    const forgetful = {
      observes: 'local',
      memory: { size: 1 },
      act: (_: unknown, __: unknown, out: Int32Array) => void out.fill(0),
    } as const
    expect(auto.evaluate(forgetful)).toMatchObject({ method: 'sampled', episodes: 4 })
  })

  it('is exact over limited steps too, where those are few enough', () => {
    const short = routingDispatch.schema.parse({ ...settings, limitSteps: 20 })
    const options = { discount: 1, method: 'auto', episodes: 1 } as const
    const evaluator = new Evaluator(routingDispatch, short, options, models)
    expect(evaluator.horizonSteps).toBe(20)
    const never = routingDispatch.policies!.find(({ name }) => name === 'never-claim')!
    const { spec } = routingDispatch.create(short)
    const { score, method } = evaluator.evaluate(never.create({ spec, envConfig: short }, {}))
    expect(method).toBe('exact')
    // With .9 arrivals a tick and nobody claiming, a query waits two ticks and is lost in the third.
    expect(score).toBeLessThan(-15)
    expect(optimumOf(evaluator, 1)!.start).toBeGreaterThan(30)
  })
})

describe('cadre solve of an environment in factors', () => {
  const solve = async (...more: string[]) => {
    const io = new FakeIo()
    const settings = ['--set', 'instance=six-agents', '--gamma', '0.97', '--epsilon', '1e-4']
    return { code: await main(['solve', 'routing-dispatch', ...settings, ...more], io), io }
  }

  it('gives V* from the start and its error, and leaves tables of states out', async () => {
    const { code, io } = await solve('--json', '--compare', 'margin-with-reserve')
    const { start, error, value, policy, bounds, states, actions, method, comparisons } = io.json<
      FactoredSolution & Comparisons
    >()
    expect([code, value, policy, bounds, states, actions, method]).toEqual([
      0,
      null,
      null,
      null,
      580_608,
      64,
      'factored-policy-iteration',
    ])
    expect(error).toBeLessThanOrEqual(5e-5)
    expect(Math.abs(start - 85.31233721)).toBeLessThan(error)
    expect(comparisons[0]).toMatchObject({ policy: 'margin-with-reserve', value: null })
    expect(comparisons[0]!.start).toBeCloseTo(83.9636, 4)
    expect(comparisons[0]!.normalisedRegret).toBeCloseTo(0.0157, 4)
  })

  it('says so in words', async () => {
    const { io } = await solve()
    expect(io.out).toMatch(/V\*\(start\) = 85\.312\d+, within \d/)
    expect(io.out).toMatch(/580608 states, 64 joint actions/)
    expect(io.out).toMatch(/values and policy of every state are left out/)
  })
})
