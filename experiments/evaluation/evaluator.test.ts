import { describe, expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { NotEnumerableError } from '#env/errors.js'
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

describe('ModelCache', () => {
  it('makes a model once', () => {
    const models = new ModelCache()
    expect(models.get(routingDispatch, config, 1e6)).toBe(models.get(routingDispatch, config, 1e6))
  })
})
