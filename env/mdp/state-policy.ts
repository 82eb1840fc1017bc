import type { Policy, PolicyBatch } from '../policy.js'
import type { Rng } from '../rng.js'

/** A rule for a single agent that sees the state's number: the scripted policies of table environments. */
export class StatePolicy implements Policy {
  readonly observes = 'local'
  readonly #actionIn: (state: number) => number

  /** @param actionIn - a legal action of every state that isn't terminal */
  constructor(actionIn: (state: number) => number) {
    this.#actionIn = actionIn
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    for (let row = 0; row < batch.size; row++) out[row] = this.#actionIn(batch.observationId[row]!)
  }
}
