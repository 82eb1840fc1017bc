import { z } from 'zod'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { definePolicy } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'

/** Every agent draws uniformly among its legal actions; 0 where it has none. */
class RandomPolicy implements Policy {
  readonly observes = 'local'

  act(batch: PolicyBatch, rng: Rng, out: Int32Array): void {
    const { actionsOf, numActions } = batch.layout
    for (let k = 0; k < batch.size * actionsOf.length; k++) {
      out[k] = Math.max(0, sampleMasked(batch.mask, k * numActions, numActions, rng))
    }
  }

  probabilities(batch: PolicyBatch, out: Float64Array): void {
    const { mask, layout } = batch
    const { actionsOf, numActions } = layout
    for (let k = 0; k < batch.size * actionsOf.length; k++) {
      const from = k * numActions
      let legal = 0
      for (let a = from; a < from + numActions; a++) legal += mask[a]!
      for (let a = from; a < from + numActions; a++) out[a] = mask[a]! / Math.max(1, legal)
      if (legal === 0) out[from] = 1
    }
  }
}

export const random = definePolicy({
  name: 'random',
  aliases: [],
  summary: 'every agent draws uniformly among its legal actions',
  schema: z.strictObject({}),
  create: () => new RandomPolicy(),
})
