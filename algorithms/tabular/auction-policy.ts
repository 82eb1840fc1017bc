import type { Policy, PolicyBatch, PolicyExport } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import { ownChoices } from '../own-choices.js'
import { AgentTables } from './agent-tables.js'
import { Auction } from './auction.js'
import { IndependentTabularPolicy } from './tabular-policy.js'

/**
 * The agent of the highest positive bid acts, the others pass (auction.ts). Each bid follows from the agent's own table and view:
 * what the agents tell each other is one number each. It reads the learner's tables, so it follows further learning.
 */
export class AuctionPolicy implements Policy {
  readonly observes = 'bids'
  readonly #values: Float64Array
  readonly #tables: AgentTables
  readonly #own: ReturnType<typeof ownChoices>
  readonly #auction: Auction
  readonly #stored: IndependentTabularPolicy

  /**
   * @param values - f64, tables as `AgentTables` lays them out for these agents
   * @param agents - who bids; all unless told. Others take action 0.
   * @throws SpaceError when an agent can't take part
   */
  constructor(spec: EnvSpec, values: Float64Array, agents: readonly number[] = spec.agents.map((_, i) => i)) {
    this.#values = values
    this.#tables = new AgentTables(spec, agents)
    this.#own = ownChoices({ spec, agents })
    this.#auction = new Auction(spec, this.#tables, this.#own)
    this.#stored = new IndependentTabularPolicy(spec, values, undefined, agents)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const n = batch.layout.agents
    out.fill(0, 0, batch.size * n)
    for (let row = 0; row < batch.size; row++) {
      this.#auction.hold(this.#values, batch, row)
      const { winner, action } = this.#auction
      if (winner >= 0) out[row * n + this.#own.agentOf[winner]!] = action
    }
  }

  /** An agent's score for an action: what the team is worth where that action wins; for passing, where the best of the others does. */
  scores(batch: PolicyBatch, out: Float64Array): void {
    const { agents: n, numActions: width } = batch.layout
    out.fill(Number.NEGATIVE_INFINITY, 0, batch.size * n * width)
    for (let row = 0; row < batch.size; row++) {
      this.#auction.hold(this.#values, batch, row)
      const { winner, bid, runnerUp, passes } = this.#auction
      for (let j = 0; j < this.#own.count; j++) {
        const agent = this.#own.agentOf[j]!
        const first = (row * n + agent) * width
        if (batch.mask[first] !== 1) continue
        const entry = this.#tables.row(agent, batch.observationId[row * n + agent]!)
        out[first] = passes + (j === winner ? runnerUp : bid)
        for (let a = 1; a < width; a++) {
          if (batch.mask[first + a] === 1) out[first + a] = passes + (this.#values[entry + a]! - this.#values[entry]!)
        }
      }
    }
  }

  /** As tables an agent, and that they are executed as an auction. */
  export(): PolicyExport {
    const { kind, details, tensors } = this.#stored.export()
    return { kind, details: { ...details, execute: 'auction' }, tensors }
  }
}
