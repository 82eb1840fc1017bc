import { expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { roundRobin } from '#algorithms/baselines/round-robin.js'
import { NotEnumerableError } from '#env/errors.js'
import { frozenLake } from '#env/frozen-lake/entry.js'
import type { Policy } from '#env/policy.js'
import type { PolicyEntry } from '#env/registry.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { LockedDoor } from '#env/testing/locked-door.js'
import { sampleEpisodes } from './sampled-evaluation.js'

/** Earns 1 at every step for ever; a step takes half a unit of time. */
class Endless extends LockedDoor {
  override readonly spec = { ...new LockedDoor().spec, limitSteps: null }

  override step(actions: Int32Array): void {
    this.state = 0
    super.step(actions)
    this.state = 0
    this.stepsTaken = 0
    this.write()
    this.slot.reward[0] = 1
    this.slot.elapsed[0] = 0.5
  }
}

const policy = random.create({ spec: new Endless().spec, envConfig: {} }, {})

it('plays an episode without a limit until what follows no longer counts, in time rather than in steps', () => {
  const { score, steps } = sampleEpisodes(() => new Endless(), policy, { episodes: 3, discount: 0.9, seed: 'x' })
  // 1 + g + g^2 + ... with g = 0.9^0.5; g^394 is the first power below 1e-9.
  for (const one of score) expect(one).toBeCloseTo(1 / (1 - Math.sqrt(0.9)), 6)
  expect([...steps]).toEqual([394, 394, 394])
})

it('refuses episodes that neither end nor fade', () => {
  const sample = () => sampleEpisodes(() => new Endless(), policy, { episodes: 1, discount: 1, seed: 'x' })
  expect(sample).toThrowError(NotEnumerableError)
})

it.each(['best-margin', 'round-robin'])(
  'plays the same episodes with %s however many are played side by side: rows begin anew',
  (name) => {
    const config = routingDispatch.schema.parse({ limitSteps: 7 })
    const play = (rows: number) => {
      const make = () => routingDispatch.create(config)
      const policies = [...(routingDispatch.policies as readonly PolicyEntry[]), roundRobin]
      const made = policies.find((policy) => policy.name === name)!.create({ spec: make().spec, envConfig: config }, {})
      return sampleEpisodes(make, made, { episodes: 10, discount: 0.97, seed: 'rows', rows })
    }
    expect([...play(3).score]).toEqual([...play(10).score])
  },
)

it('lets agents remember nothing of the episode before, whatever its length', () => {
  const config = frozenLake.schema.parse({})
  const make = () => frozenLake.create(config)
  const turns = roundRobin.create({ spec: make().spec, envConfig: config }, {})
  const play = (rows: number) =>
    sampleEpisodes(make, turns, { episodes: 40, discount: 0.97, seed: 'lengths', rows }).steps
  expect([...play(3)]).toEqual([...play(40)])
  expect(new Set(play(3)).size).toBeGreaterThan(3)
})

it('gives a policy that draws other luck in every group of episodes', () => {
  class OneStep extends LockedDoor {
    override readonly spec = { ...new LockedDoor().spec, limitSteps: 1 }
  }
  const luck: number[] = []
  const drawing: Policy = {
    observes: 'local',
    act: (_, rng, out) => {
      out[0] = 0
      luck.push(rng.uniform())
    },
  }
  sampleEpisodes(() => new OneStep(), drawing, { episodes: 4, discount: 0.9, seed: 'groups', rows: 1 })
  expect(luck).toHaveLength(4)
  expect(new Set(luck).size).toBe(4)
})
