import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { greedyValue } from '#algorithms/greedy-action.js'
import type { Learner, LearnerContext } from '#algorithms/learner.js'
import { loadArrays, saveArrays } from '#algorithms/saved-arrays.js'
import { IndependentTabularPolicy } from '#algorithms/tabular/tabular-policy.js'
import { ConfigError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { LockedDoor } from '#env/testing/locked-door.js'
import { type AgentViews, discounts, type TransitionBatch } from '#env/transition-batch.js'
import { bench, type ProgressEvent, train } from '../index.js'
import { runFiles } from '../testing/run-files.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-code-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Takes the key, then opens: knows nothing of learning but the contract. */
const burglar: Policy = {
  observes: 'local',
  act: ({ observationId, size }, _rng, out) => {
    for (let e = 0; e < size; e++) out[e] = observationId[e] === 1 ? 2 : 1
  },
}

/** Remembers the last reward of every action: enough for a door. */
class LastReward implements Learner {
  readonly #context: LearnerContext
  readonly #values: Float64Array
  #step = 0

  constructor(context: LearnerContext, optimism: number) {
    this.#context = context
    this.#values = new Float64Array(9).fill(optimism)
  }

  act({ mask, size }: AgentViews, actions: Int32Array): void {
    for (let e = 0; e < size; e++) {
      do actions[e] = this.#context.rng.integer(3)
      while (mask[3 * e + actions[e]!] === 0)
    }
  }

  update(transition: TransitionBatch): void {
    const { before, after, actions, reward, size } = transition
    const discount = discounts(transition, this.#context.discount, new Float64Array(size))
    for (let e = 0; e < size; e++) {
      const best = greedyValue(this.#values, 3 * after.observationId[e]!, after.mask, 3 * e, 3)
      this.#values[3 * before.observationId[e]! + actions[e]!] = reward[e]! + discount[e]! * best
    }
    this.#step += size
  }

  policy = () => new IndependentTabularPolicy(this.#context.spec, this.#values)
  saveState = () => saveArrays({ values: this.#values }, this.#step, this.#context.rng)
  loadState(state: ReturnType<Learner['saveState']>): void {
    this.#step = loadArrays(state, { values: this.#values }, this.#context.rng)
  }
}

const door = { name: 'door', version: '1', create: () => new LockedDoor() }
const lastReward = {
  name: 'last-reward',
  version: '1',
  schema: z.strictObject({ optimism: z.number().default(0) }),
  forms: {
    arrays: (context: LearnerContext, config: unknown) =>
      new LastReward(context, (config as { optimism: number }).optimism),
  },
}

/** V* of the door at 0.9: a key costs 0.05 on average, opening pays 1. */
const OPTIMUM = -0.05 + 0.9 * 1

const experiment = {
  name: 'door',
  discount: 0.9,
  steps: 2000,
  rows: 2,
  seeds: 2,
  evaluation: { points: 4 },
  environments: { door: { use: door } },
  algorithms: { mine: { use: lastReward, optimism: 0.5 }, 'independent-q': {} },
  baselines: ['random', { label: 'burglar', use: { create: () => burglar } }],
}

it('train takes an environment, an algorithm and a baseline by value', async () => {
  const events: ProgressEvent[] = []
  const options = { outDir: join(folder, 'runs'), workers: 0, onProgress: (event: ProgressEvent) => events.push(event) }
  const result = await train(experiment, options)
  expect(result.status).toBe('done')
  expect(result.trials).toHaveLength(4)
  expect(result.summary.map(({ algorithm }) => algorithm)).toEqual(['mine', 'independent-q'])
  for (const { final } of result.trials) expect(final).toBeCloseTo(OPTIMUM, 6)
  expect(events.filter((event) => event.type === 'trial-done')).toHaveLength(4)
  const references = JSON.parse(runFiles(result.run)['references.json']!)
  expect(references.environments.door.optimum).toBeCloseTo(OPTIMUM, 6)
  const policies = references.environments.door.policies as { name: string; value: number }[]
  expect(policies.map(({ name }) => name)).toEqual(['random', 'burglar'])
  expect(policies[1]!.value).toBeCloseTo(OPTIMUM, 6)

  const again = await train(experiment, { outDir: join(folder, 'again'), workers: 0 })
  expect(runFiles(again.run)).toEqual(runFiles(result.run))
})

it('train reports what is wrong with settings of values, all at once', async () => {
  const wrong = { ...experiment, steps: -1, algorithms: { mine: { use: lastReward, optimsm: 1 } } }
  const failure = await train(wrong, { outDir: join(folder, 'none') }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ConfigError)
  expect((failure as ConfigError).problems.map(({ path }) => path).sort()).toEqual(['algorithms.mine.optimsm', 'steps'])
  expect((failure as ConfigError).message).toContain('did you mean "optimism"?')
})

it('bench takes policies by value', async () => {
  const { rows } = await bench({
    name: 'doors',
    discount: 0.9,
    episodes: 400,
    environments: { door: { use: door } },
    policies: { burglar: { use: { create: () => burglar } }, random: {} },
  })
  expect(rows.map(({ policy, episodes }) => [policy, episodes])).toEqual([
    ['burglar', 400],
    ['random', 400],
  ])
  const [best, random] = rows
  expect(best!.regret).toBeCloseTo(0, 6)
  // Only the key's cost is drawn, 0 or 0.1: the mean of 400 lies within 0.01 of the value.
  expect(Math.abs(best!.score - OPTIMUM)).toBeLessThan(0.01)
  expect(best!.low).toBeGreaterThan(random!.high!)
})
