import { describe, expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { cliffWalking } from '#env/cliff-walking/entry.js'
import { NotEnumerableError } from '#env/errors.js'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { gridworld } from '#env/gridworld/entry.js'
import type { Policy } from '#env/policy.js'
import type { EnvEntry } from '#env/registry.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { Evaluator } from './evaluator.js'
import { ModelCache } from './model-cache.js'

const config = routingDispatch.schema.parse({})
const policy = random.create({ spec: routingDispatch.create(config).spec, envConfig: config }, {})

/** Models may have 1000 transitions at most. */
class SmallModels extends ModelCache {
  override get(...[entry, settings]: Parameters<ModelCache['get']>) {
    return super.get(entry, settings, 1000)
  }
}

describe('an environment whose model is too large', () => {
  const options = { discount: 0.97, episodes: 40 }

  it('is evaluated over episodes where the method is auto', () => {
    const evaluator = new Evaluator(routingDispatch, config, { ...options, method: 'auto' }, new SmallModels())
    expect(evaluator.isExact).toBe(false)
    const { score, method, episodes } = evaluator.evaluate(policy)
    expect([method, episodes]).toEqual(['sampled', 40])
    // The exact value is 24.777; an episode's standard deviation is about 14.
    expect(Math.abs(score - 24.777)).toBeLessThan(12)
  })

  it('is refused where the method is exact, and says how large it may be', () => {
    const make = () => new Evaluator(routingDispatch, config, { ...options, method: 'exact' }, new SmallModels())
    expect(make).toThrowError(NotEnumerableError)
    expect(make).toThrowError(/more than 1000 transitions; evaluate by sampling/)
  })
})

describe('a policy that remembers too much for an exact value', () => {
  /** Passes, and counts its steps for ever. */
  const counting: Policy = {
    observes: 'local',
    memory: { size: 1 },
    act(batch, _rng, out) {
      out.fill(0)
      for (let k = 0; k < batch.memory!.length; k++) batch.memory![k]!++
    },
  }
  const evaluate = (method: 'auto' | 'exact') =>
    new Evaluator(routingDispatch, config, { discount: 0.97, episodes: 40, method }, new ModelCache()).evaluate(
      counting,
    )

  it('is evaluated over episodes, unless exact is asked for', { timeout: 60_000 }, () => {
    const { score, method } = evaluate('auto')
    expect(method).toBe('sampled')
    // never-claim: -34.0 exactly; an episode's standard deviation is about 7.
    expect(Math.abs(score + 34)).toBeLessThan(5)
    expect(() => evaluate('exact')).toThrowError(
      /with this policy's memory, too many for its exact value; evaluate by sampling/,
    )
  })
})

describe('discount 1', () => {
  const at = (entry: EnvEntry, method: 'auto' | 'exact', settings: object = {}) =>
    new Evaluator(entry, entry.schema.parse(settings), { discount: 1, method, episodes: 10 }, new ModelCache())

  it('is exact where every policy ends: slippery ice, down which acting at random seldom crosses', () => {
    const evaluator = at(frozenLake, 'auto')
    const { spec } = frozenLake.create(frozenLake.schema.parse({}))
    const { score, method } = evaluator.evaluate(random.create({ spec, envConfig: {} }, {}))
    // The system of 11 equations, solved apart in rational numbers. Scores are exact to 1e-7.
    expect(Math.abs(score - 483 / 34649)).toBeLessThan(1e-7)
    expect(method).toBe('exact')
  })

  it('is sampled for a policy that takes too long to end, unless exact is asked for', () => {
    // Off the grid for ever, but for a slip aside of 1e-12 that leads to the end.
    const settings = {
      ...{ preset: 'empty', rows: 1, columns: 2, start: [0, 0], slip: 1e-12, limitSteps: 5 },
      ...{ terminals: [{ at: [0, 1], reward: 1 }], stepReward: 0, bumpReward: 0 },
    }
    const north = { observes: 'local' as const, act: (_: unknown, __: unknown, out: Int32Array) => void out.fill(0) }
    expect(at(gridworld, 'auto', settings).evaluate(north)).toEqual({
      score: 0,
      method: 'sampled',
      episodes: 10,
      error: 0,
    })
    expect(() => at(gridworld, 'exact', settings).evaluate(north)).toThrow(/too long to end|expected an error/)
  })

  it('is sampled where a policy may go on for ever among rewards, or refused where exact is asked for', () => {
    expect(at(cliffWalking, 'auto').isExact).toBe(false)
    expect(() => at(cliffWalking, 'exact')).toThrow(/cliff-walking: exact evaluation at discount 1 needs every policy/)
    // Without slipping one may stand before a wall for ever, and earns nothing: 0.
    expect(at(frozenLake, 'exact', { slippery: false }).isExact).toBe(true)
  })
})

describe('ModelCache', () => {
  it('makes a model once', () => {
    const models = new ModelCache()
    expect(models.get(routingDispatch, config, 1e6)).toBe(models.get(routingDispatch, config, 1e6))
  })
})
