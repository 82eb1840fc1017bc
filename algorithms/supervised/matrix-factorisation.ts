import { z } from 'zod'
import { definePolicy } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { type FactorState, factorUpdate, initFactors } from '../regression/latent-factors.js'
import type { LinearModel } from '../regression/linear-model.js'
import { labelledRows, linearPolicyOf } from './labelled-rows.js'

const factorisationConfig = z.strictObject({
  rank: z.int().min(1).max(256).default(8).describe('numbers that describe a query and an action'),
  passes: z.int().min(1).default(5).describe('passes over the training rows, in an order drawn anew'),
  rate: z.number().gt(0).default(0.02).describe("AdaGrad's step"),
  penalty: z.number().min(0).default(0.01).describe('penalty of the squares of active entries at each step'),
  seed: z.int().min(0).default(0).describe('of first entries and orders'),
})

/**
 * Matrix factorisation of the table of rewards, with a query's factors a projection of its features (RouteLLM's router by
 * matrix factorisation has the same form; see the mathematics in regression/latent-factors.ts). What is fitted is linear in
 * the features, and stored so.
 */
export const matrixFactorisation = definePolicy<unknown, z.infer<typeof factorisationConfig>>({
  name: 'matrix-factorisation',
  aliases: ['mf'],
  summary: 'factorises the rewards of training rows and actions, queries by their features',
  schema: factorisationConfig,
  create: (context, { rank, passes, rate, penalty, seed }) => {
    const rows = labelledRows('matrix-factorisation', context)
    const { x, rewards, actions } = rows
    const rng = new Rng(`matrix-factorisation/${seed}`)
    const state = initFactors(x.columns, actions.length, rank, rng)
    const order = Int32Array.from({ length: x.rows }, (_, row) => row)
    for (let pass = 0; pass < passes; pass++) {
      shuffle(order, rng)
      for (const row of order) {
        for (let label = 0; label < actions.length; label++) {
          const reward = rewards[row * actions.length + label]!
          if (!Number.isNaN(reward)) factorUpdate(state, x, row, label, reward, { rate, penalty })
        }
      }
    }
    return linearPolicyOf(
      rows,
      Array.from(actions, (_, label) => linearModelOf(state, label)),
    )
  },
})

/** U V_m: what the factors of a model make of each feature. */
function linearModelOf({ columns, rank, projection, embedding }: FactorState, model: number): LinearModel {
  const first = model * (rank + 1)
  const weights = Float64Array.from({ length: columns }, (_, j) => {
    let sum = 0
    for (let k = 0; k < rank; k++) sum += projection[j * rank + k]! * embedding[first + k]!
    return sum
  })
  return { weights, intercept: embedding[first + rank]! }
}

/** Fisher and Yates. */
function shuffle(order: Int32Array, rng: Rng): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
}
