import type { Policy, PolicyBatch } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { decodeState, type StateIndex, stateIndex } from '#env/routing-dispatch/state-index.js'
import { PresentStates, type TeamSolution } from './dispatch-optimum.js'

/** Plays a solution: the query goes to whom the exact optimum gives it, of those who were present when it was solved. */
export class OptimumPolicy implements Policy {
  readonly observes = 'global'
  readonly #solution: TeamSolution
  readonly #index: StateIndex
  readonly #states: PresentStates
  readonly #centralised: boolean
  readonly #queue: Int32Array
  readonly #down: Uint8Array

  constructor(config: RoutingDispatchConfig, solution: TeamSolution) {
    this.#solution = solution
    this.#index = stateIndex(config)
    this.#states = new PresentStates(config, solution.present)
    this.#centralised = config.control === 'centralised'
    this.#queue = new Int32Array(this.#index.numAgents)
    this.#down = new Uint8Array(this.#index.numAgents)
  }

  act({ layout, size, stateId, mask }: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const n = layout.agents
    out.fill(0, 0, size * n)
    for (let row = 0; row < size; row++) {
      const inbox = decodeState(this.#index, stateId[row]!, this.#queue, this.#down)
      const choice = this.#solution.choice[this.#states.numberOf(inbox, this.#queue, this.#down)]!
      if (choice === 0) continue
      if (this.#centralised) out[row] = mask[row * layout.numActions + choice] === 1 ? choice : 0
      else out[row * n + choice - 1] = mask[(row * n + choice - 1) * layout.numActions + 1]!
    }
  }
}
