import { highestOf } from '#algorithms/greedy-action.js'
import type { Policy, PolicyBatch, PolicyMemory } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { isActing } from '#env/space.js'

/** A policy that draws, played without drawing: every agent takes its most probable action, the lowest of several. */
export class GreedyPolicy implements Policy {
  readonly observes: Policy['observes']
  readonly memory?: PolicyMemory
  readonly scores?: NonNullable<Policy['scores']>
  readonly #drawing: Policy
  /** For draws that nobody sees. */
  readonly #aside = new Rng('greedy-policy')
  /** f64 [size, N, H, A] */
  #probabilities = new Float64Array(0)

  constructor(drawing: Policy) {
    this.#drawing = drawing
    this.observes = drawing.observes
    if (drawing.memory !== undefined) this.memory = drawing.memory
    if (drawing.scores !== undefined) this.scores = drawing.scores.bind(drawing)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { numActions } = batch.layout
    const length = out.length * numActions
    if (this.#probabilities.length !== length) this.#probabilities = new Float64Array(length)
    this.#probabilities.fill(0)
    this.#drawing.probabilities!(batch, this.#probabilities)
    // It acts too, so that it remembers: what that is doesn't depend on its draws.
    this.#drawing.act(batch, this.#aside, out)
    for (let c = 0; c < out.length; c++) {
      const best = highestOf(this.#probabilities, c * numActions, numActions)
      const chosen = isActing(batch.mask, c * numActions, numActions) && this.#probabilities[c * numActions + best]! > 0
      out[c] = chosen ? best : 0
    }
  }
}
