import { expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { NotEnumerableError } from '#env/errors.js'
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

it('plays the same episodes however many are played side by side', () => {
  const config = routingDispatch.schema.parse({})
  const play = (rows: number) => {
    const make = () => routingDispatch.create(config)
    const bestMargin = routingDispatch.policies!.find(({ name }) => name === 'best-margin')!
    const made = bestMargin.create({ spec: make().spec, envConfig: config }, {})
    return sampleEpisodes(make, made, { episodes: 10, discount: 0.97, seed: 'rows', rows })
  }
  expect([...play(3).score]).toEqual([...play(10).score])
})
