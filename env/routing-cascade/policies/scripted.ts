import { z } from 'zod'
import { ConfigError, UnknownNameError } from '../../errors.js'
import type { Policy, PolicyBatch } from '../../policy.js'
import { definePolicy, type PolicyContext, type PolicyEntry } from '../../registry.js'
import type { Rng } from '../../rng.js'
import { answerReward } from '../answer-reward.js'
import { type CascadeWorld, profileWorld } from '../cascade-world.js'
import { type RoutingCascadeConfig, STOP } from '../config.js'

/** Writes a score for each model, higher is better, for the query that a row of a batch is about. */
type ModelScores = (batch: PolicyBatch, row: number, out: Float64Array) => void

/** Calls the model of the highest score, then stops; ties go to the first. */
class ScoredRouter implements Policy {
  readonly observes = 'local'
  readonly #numModels: number
  readonly #score: ModelScores
  readonly #scores: Float64Array

  constructor(numModels: number, score: ModelScores) {
    this.#numModels = numModels
    this.#score = score
    this.#scores = new Float64Array(numModels)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const width = batch.layout.numActions
    for (let row = 0; row < batch.size; row++) {
      out[row] = 0
      if (width > this.#numModels && batch.mask[row * width + this.#numModels] === 1) {
        out[row] = this.#numModels
        continue
      }
      if (!isActing(batch.mask, row * width, this.#numModels)) continue
      this.#score(batch, row, this.#scores)
      let best = -1
      for (let m = 0; m < this.#numModels; m++) {
        if (batch.mask[row * width + m] === 1 && (best < 0 || this.#scores[m]! > this.#scores[best]!)) best = m
      }
      out[row] = best
    }
  }

  scores(batch: PolicyBatch, out: Float64Array): void {
    const width = batch.layout.numActions
    for (let row = 0; row < batch.size; row++) {
      const offset = row * width
      for (let a = 0; a < width; a++) out[offset + a] = Number.NEGATIVE_INFINITY
      if (width > this.#numModels && batch.mask[offset + this.#numModels] === 1) {
        out[offset + this.#numModels] = 0
        continue
      }
      if (!isActing(batch.mask, offset, this.#numModels)) continue
      this.#score(batch, row, this.#scores)
      for (let m = 0; m < this.#numModels; m++) {
        if (batch.mask[offset + m] === 1) out[offset + m] = this.#scores[m]!
      }
    }
  }
}

type Context = PolicyContext<RoutingCascadeConfig>

const always = definePolicy({
  name: 'always',
  aliases: [],
  summary: 'calls the same model for every query, then stops',
  schema: z.strictObject({ model: z.string().min(1).describe('name of the model') }),
  create: ({ spec }: Context, { model }: { model: string }) => {
    const names = modelNames(spec.agents[0]!.action)
    const index = names.indexOf(model)
    if (index < 0) throw new UnknownNameError('model', model, names)
    return new ScoredRouter(names.length, (_batch, _row, out) => {
      out.fill(0)
      out[index] = 1
    })
  },
})

const promptLength = definePolicy({
  name: 'prompt-length',
  aliases: [],
  summary: 'two models: long texts go to the second, from the length that earns most on the training rows',
  schema: z.strictObject({}),
  create: ({ spec, data }: Context) => {
    const names = modelNames(spec.agents[0]!.action)
    if (data === undefined || names.length !== 2) {
      throw new ConfigError([
        {
          path: 'prompt-length',
          message: `expected an outcome table with two models, got ${data === undefined ? 'a profile' : `${names.length} models`}; leave this policy out`,
        },
      ])
    }
    const { textLength, queries } = data.train as CascadeWorld
    const from = bestThreshold(queries, textLength!, data.examples.rewards)
    return new ScoredRouter(2, (batch, row, out) => {
      out[0] = 0
      out[1] = textLength![batch.featureRow![row]!]! - from + 0.5
    })
  },
})

const oracle = definePolicy({
  name: 'oracle',
  aliases: [],
  summary: 'knows the outcomes: calls the model that earns most on the query itself',
  schema: z.strictObject({}),
  create: ({ envConfig, data, spec }: Context) => {
    const world = data === undefined ? profileWorld(envConfig) : (data.test as CascadeWorld)
    const { models } = world
    const reward = answerReward(envConfig)
    const firstType = spec.agents[0]!.observation.size - world.numQueries
    return new ScoredRouter(models.length, (batch, row, out) => {
      const query = world.drawn ? typeOf(batch, row, firstType) : batch.featureRow![row]!
      for (let m = 0; m < models.length; m++) out[m] = reward(world, query * models.length + m)
    })
  },
})

/** The rules that know this environment. */
export const cascadePolicies: readonly PolicyEntry<RoutingCascadeConfig>[] = [always, promptLength, oracle]

function modelNames(action: { readonly kind: string; readonly labels?: readonly string[] }): readonly string[] {
  return (action.labels ?? []).filter((label) => label !== STOP)
}

function isActing(mask: Uint8Array, offset: number, numModels: number): boolean {
  for (let m = 0; m < numModels; m++) if (mask[offset + m] === 1) return true
  return false
}

/** The type of a profile's query, from the one-hot part of the observation. */
function typeOf(batch: PolicyBatch, row: number, first: number): number {
  const width = batch.layout.observationSize
  for (let k = first; k < width; k++) if (batch.observation[row * width + k] === 1) return k - first
  return 0
}

/**
 * The length from which texts should go to the second model: the one that earns most on the rows given.
 * @param rewards - f64 [n, 2]
 */
function bestThreshold(queries: Int32Array, textLength: Int32Array, rewards: Float64Array): number {
  const order = Int32Array.from(queries.keys()).sort((a, b) => textLength[queries[b]!]! - textLength[queries[a]!]!)
  let sum = 0
  let best = 0
  let from = Number.POSITIVE_INFINITY
  order.forEach((k, place) => {
    sum += rewards[2 * k + 1]! - rewards[2 * k]!
    const length = textLength[queries[k]!]!
    const next = order[place + 1]
    const isLast = next === undefined || textLength[queries[next]!]! !== length
    if (isLast && sum > best) {
      best = sum
      from = length
    }
  })
  return Number.isFinite(from) ? from : Math.max(...textLength) + 1
}
