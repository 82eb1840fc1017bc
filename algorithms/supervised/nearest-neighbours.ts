import { z } from 'zod'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { definePolicy } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import { layoutOf } from '#env/spec.js'
import { greedyAction } from '../greedy-action.js'
import { checkLinearBatch, type LinearInput, linearInputs } from '../linear/linear-inputs.js'
import {
  findNeighbours,
  indexNeighbours,
  type NeighbourIndex,
  type NeighbourSearch,
  neighbourMean,
  neighbourSearch,
} from '../regression/neighbours.js'
import { rowSquaredNorm } from '../regression/sparse-rows.js'
import { type LabelledRows, labelledRows, targetsOf, UNLABELLED_VALUE } from './labelled-rows.js'

const neighboursConfig = z.strictObject({
  k: z.int().min(1).default(100).describe('neighbours whose mean reward is what a query is expected to earn'),
})

/**
 * Takes the action that earned most, on average, on the k training rows most like the query (cosine of their features). An
 * action that none of them knows, or a query without features, is worth the action's mean over all training rows.
 */
class NeighbourPolicy implements Policy {
  readonly observes = 'local'
  readonly #rows: LabelledRows
  readonly #inputs: readonly LinearInput[]
  readonly #index: NeighbourIndex
  readonly #search: NeighbourSearch
  /** f64 [L]: mean rewards over all rows; and of the query in hand. */
  readonly #means: Float64Array
  readonly #near: Float64Array
  /** f64 [A], values of the query in hand. */
  readonly #values: Float64Array

  constructor(rows: LabelledRows, k: number) {
    this.#rows = rows
    this.#inputs = linearInputs(rows.spec).map((input) => ({ ...input, observationSize: 0 }))
    this.#index = indexNeighbours(rows.x)
    this.#search = neighbourSearch(this.#index, k)
    this.#means = Float64Array.from(rows.actions, (_, label) => {
      const { target, weight } = targetsOf(rows, label)
      const known = weight.reduce((sum, w) => sum + w, 0)
      return known === 0 ? 0 : target.reduce((sum, y) => sum + y, 0) / known
    })
    this.#near = new Float64Array(rows.actions.length)
    this.#values = new Float64Array(layoutOf(rows.spec).numActions).fill(UNLABELLED_VALUE)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    checkLinearBatch(this.#inputs, batch)
    const { numActions } = batch.layout
    for (let row = 0; row < batch.size; row++) {
      this.#value(batch, row)
      out[row] = Math.max(0, greedyAction(this.#values, 0, batch.mask, row * numActions, numActions))
    }
  }

  scores(batch: PolicyBatch, out: Float64Array): void {
    checkLinearBatch(this.#inputs, batch)
    const { numActions } = batch.layout
    for (let row = 0; row < batch.size; row++) {
      this.#value(batch, row)
      for (let a = 0; a < numActions; a++) {
        const legal = batch.mask[row * numActions + a] === 1
        out[row * numActions + a] = legal ? this.#values[a]! : Number.NEGATIVE_INFINITY
      }
    }
  }

  #value(batch: PolicyBatch, row: number): void {
    const { actions, rewards } = this.#rows
    const query = batch.featureRow![row]!
    this.#near.fill(Number.NaN)
    // Without a word that is known, every row is as near as any other.
    if (query >= 0 && this.#index.rows > 0 && rowSquaredNorm(batch.features!, query) > 0) {
      const found = findNeighbours(this.#index, this.#search, batch.features!, query)
      neighbourMean(this.#index, this.#search, found, rewards, this.#near)
    }
    actions.forEach((action, label) => {
      const near = this.#near[label]!
      this.#values[action] = Number.isNaN(near) ? this.#means[label]! : near
    })
  }
}

/** k nearest neighbours by cosine on everything known of the training rows. */
export const nearestNeighbours = definePolicy<unknown, z.infer<typeof neighboursConfig>>({
  name: 'nearest-neighbours',
  aliases: ['knn'],
  summary: 'takes what earned most on the training rows most like the query',
  schema: neighboursConfig,
  create: (context, { k }) => new NeighbourPolicy(labelledRows('nearest-neighbours', context), k),
})
