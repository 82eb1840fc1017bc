import { describe, expect, it } from 'vitest'
import { Env, type EnvState } from '#env/env.js'
import { Rng } from '#env/rng.js'
import type { Slot } from '#env/slot.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { startTraining } from '../conformance/train-briefly.js'
import type { LearnerEntry } from '../learner.js'
import { standardNormal } from '../standard-normal.js'
import { linUcb } from './lin-ucb.js'
import { linearQ } from './linear-q.js'
import { thompson } from './thompson.js'

/** What a bandit sees and what an arm earns: a step is an episode. */
interface Arms {
  readonly count: number
  /** Numbers seen, for the next round. */
  context(rng: Rng): readonly number[]
  reward(arm: number, x: readonly number[], rng: Rng): number
}

class BanditEnv extends Env {
  readonly spec: EnvSpec
  readonly #arms: Arms
  #slot!: Slot
  #rng!: Rng
  #x: readonly number[] = []

  constructor(arms: Arms) {
    super()
    this.#arms = arms
    const observation = box(arms.context(new Rng('width')).length)
    this.spec = {
      id: 'bandit',
      version: '1',
      agents: [{ name: 'one', observation, action: discrete(arms.count), numObservations: 0 }],
      numStates: 0,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
      limitSteps: 1,
    }
  }

  get x(): readonly number[] {
    return this.#x
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.mask.fill(1)
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    // Exact in single precision.
    this.#x = this.#arms.context(rng).map(Math.fround)
    this.#slot.observation.set(this.#x)
    this.#slot.terminated[0] = 0
  }

  override step(actions: Int32Array): void {
    this.#slot.reward[0] = this.#arms.reward(actions[0]!, this.#x, this.#rng)
    this.#slot.terminated[0] = 1
  }

  override saveState(): EnvState {
    return {}
  }

  override loadState(): void {}
}

const start = (entry: LearnerEntry, settings: object, make: () => Env, seed = 'bandit') =>
  startTraining(entry, entry.schema.parse(settings), make, { discount: 0.9, rows: 1, steps: 2000, seed })

/** Regret over 2000 rounds with 4 arms, 5 features, noise .1; and that of the later half. */
async function regretOf(entry: LearnerEntry, settings: object): Promise<{ regret: number; late: number }> {
  const world = new Rng('world')
  const truth = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => standardNormal(world)))
  const worth = (arm: number, x: readonly number[]) => truth[arm]!.reduce((sum, t, j) => sum + t * x[j]!, 0)
  const env = new BanditEnv({
    count: 4,
    context: (rng) => Array.from({ length: 5 }, () => standardNormal(rng)),
    reward: (arm, x, rng) => worth(arm, x) + 0.1 * standardNormal(rng),
  })
  const training = await start(entry, settings, () => env)
  let [regret, late] = [0, 0]
  for (let round = 0; round < 2000; round++) {
    training.step(() => {
      const all = truth.map((_, arm) => worth(arm, env.x))
      const lost = Math.max(...all) - all[training.actions[0]!]!
      regret += lost
      if (round >= 1000) late += lost
    })
  }
  return { regret, late }
}

/** One context for ever, of squared length 25, with the intercept 26. */
const fixed = (reward: (arm: number) => number): Arms => ({ count: 2, context: () => [3, 4], reward })

describe('linear bandits', () => {
  it.each([
    ['lin-ucb', linUcb, { alpha: 0.5 }],
    ['thompson', thompson, { spread: 0.3 }],
  ])('%s loses less than 3% of what random loses, and nearly nothing late', async (_, entry, settings) => {
    const random = await regretOf(linearQ, { exploration: 1 })
    const { regret, late } = await regretOf(entry, settings)
    expect(regret).toBeLessThan(0.03 * random.regret)
    expect(late).toBeLessThan(0.5 * regret)
  })

  // At lambda 4 an arm never pulled is bounded by alpha sqrt(26 / 4) = 1.2748 for alpha .5. One that earned r once has, with
  // s = 26 / 4, the mean r s / (1 + s) and the variance s / (1 + s): its bound is 0.8667 r + 0.4655, less below r = 0.9338.
  it.each([
    [0.93, 1],
    [0.94, 0],
  ])(
    'LinUCB bounds an arm by alpha |x| / sqrt(lambda) until it is pulled: after %d the next is %i',
    async (earned, next) => {
      const training = await start(
        linUcb,
        { lambda: 4, alpha: 0.5, covariance: 'full' },
        () => new BanditEnv(fixed(() => earned)),
      )
      training.step()
      expect(training.actions[0]).toBe(0)
      training.step()
      expect(training.actions[0]).toBe(next)
    },
  )

  it('Thompson sampling draws from the posterior of each arm', async () => {
    // As above with r = 2 and v = 2: N(1.7333, 4 * 0.8667) against N(0, 4 * 6.5); the arm never pulled wins with
    // Phi(-1.7333 / (2 sqrt(7.3667))) = Phi(-0.3193) = 0.3747.
    const training = await start(
      thompson,
      { lambda: 4, spread: 2, covariance: 'full' },
      () => new BanditEnv(fixed(() => 2)),
    )
    training.step()
    const pulled = training.actions[0]!
    let others = 0
    const draws = 20_000
    for (let k = 0; k < draws; k++) {
      training.learner.act(training.env.current, training.actions)
      if (training.actions[0] !== pulled) others++
    }
    // The standard error is .0034.
    expect(Math.abs(others / draws - 0.3747)).toBeLessThan(0.014)
  })

  it('is greedy without width', async () => {
    const make = () => new BanditEnv(fixed((arm) => (arm === 1 ? 3 : 1)))
    for (const [entry, settings] of [
      [linUcb, { alpha: 0 }],
      [thompson, { spread: 0 }],
    ] as const) {
      const training = await start(entry, settings, make)
      const greedy = new Int32Array(1)
      for (let k = 0; k < 20; k++) {
        training.learner.policy().act(training.env.current, new Rng('unused'), greedy)
        training.step(() => expect([...training.actions]).toEqual([...greedy]))
      }
    }
  })
})
