import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { routingDispatchConfig } from './config.js'
import { SampledDispatch } from './sampled-dispatch.js'

/** One agent of that service, and a query at every tick. */
function start(service: object | number, more: object = {}) {
  const agent = { capacity: 1, skill: [1], price: 0, service, fail: 0, repair: 1, ...more }
  const types = [{ name: 'any', value: 1, arrival: 1, loss: 0 }]
  const env = new SampledDispatch(
    routingDispatchConfig.parse({ types, agents: [agent], onDown: 'giveBack', patience: 99 }),
  )
  env.bind(allocateSlots(env.spec, 1).rows[0]!)
  env.reset(new Rng('services'))
  const step = (claims: 0 | 1) => {
    env.step(Int32Array.of(claims))
    return env.saveState() as unknown as { queue: [number]; down: [number]; served: [number]; inbox: unknown[] }
  }
  step(0)
  return { env, step }
}

describe('a service by latency quantiles', () => {
  it('has the chances of its ticks, one after the other, for each query anew', () => {
    // None within 2 ticks, half of the rest in each from then on.
    const quantiles = [
      [0, 2000],
      [0.5, 3000],
    ]
    const { step } = start({ quantiles })
    const took = [0, 0, 0, 0, 0]
    const queries = 2000
    for (let query = 0; query < queries; query++) {
      let ticks = 1
      for (let { queue } = step(1); queue[0] === 1; { queue } = step(0)) ticks++
      if (ticks < took.length) took[ticks]!++
    }
    expect(took.slice(0, 3)).toEqual([0, 0, 0])
    // Binomial, standard error .011.
    expect(Math.abs(took[3]! / queries - 0.5)).toBeLessThan(0.04)
    expect(Math.abs(took[4]! / queries - 0.25)).toBeLessThan(0.04)
  })

  it('begins anew for a query that was given back', () => {
    const quantiles = [
      [0, 5000],
      [0.5, 6000],
    ]
    // It fails in every tick in which it is up, and is repaired in the next one.
    const { step } = start({ quantiles }, { fail: 1 })
    expect(step(0)).toMatchObject({ down: [0], served: [0] })
    expect(step(1)).toMatchObject({ down: [1], queue: [0], served: [0], inbox: [{ type: 0 }] })
  })
})
