import type { HeldOut } from '#env/data-contract.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { withMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import { allocateSlots } from '#env/slot.js'
import type { EnvSpec } from '#env/spec.js'
import { scoreRouting } from '#results/statistics/routing/score-routing.js'
import type { RoutingScore } from '#results/store/routing-records.js'

/**
 * How a policy routes the rows held out, judged by what every model did on them: its first choice for each query, and its
 * scores of the models where it has any.
 * @param fold - seeds the draws of a policy that draws
 */
export function scoreHeldOut(policy: Policy, spec: EnvSpec, heldOut: HeldOut, fold: number): RoutingScore {
  const { models, quality, cost, pair } = heldOut
  const m = models.length
  const batch = withMemory(firstDecisions(spec, heldOut), policy)
  const scores = scoresOf(policy, batch, m)
  const choice = new Int32Array(batch.size)
  // A policy that makes no draws takes what its scores say: asking it twice would cost as much again.
  if (scores !== null && policy.probabilities === undefined) bestOf(scores, m, choice)
  else policy.act(batch, new Rng(`held-out/${fold}`), choice)
  return scoreRouting({ models, choice, scores, quality, cost, pair })
}

/** The model of the highest score on each row, the first of equals. */
function bestOf(scores: Float64Array, m: number, choice: Int32Array): void {
  for (let row = 0; row < choice.length; row++) {
    let best = 0
    for (let model = 1; model < m; model++) if (scores[row * m + model]! > scores[row * m + best]!) best = model
    choice[row] = best
  }
}

/** What the one agent of the environment sees when each row comes up: nothing called yet, every model callable. */
export function firstDecisions(spec: EnvSpec, { models, features, rows }: HeldOut): PolicyBatch {
  const slots = allocateSlots(spec, rows.length)
  const width = slots.layout.numActions
  slots.featureRow.set(rows)
  for (let row = 0; row < rows.length; row++) slots.mask.fill(1, row * width, row * width + models.length)
  return { ...slots, features, size: rows.length }
}

/** f64 [R, M]: the columns of the models, null where the policy has no scores. */
function scoresOf(policy: Policy, batch: PolicyBatch, m: number): Float64Array | null {
  if (policy.scores === undefined) return null
  const width = batch.layout.numActions
  const scores = new Float64Array(batch.size * width)
  policy.scores(batch, scores)
  return Float64Array.from({ length: batch.size * m }, (_, k) => scores[Math.floor(k / m) * width + (k % m)]!)
}
