import { IllegalActionError, SpaceError } from '#env/errors.js'
import type { PolicyBatch } from '#env/policy.js'
import { type EnvSpec, oneChoiceLayout } from '#env/spec.js'
import type { OwnChoices } from '../own-choices.js'
import type { AgentTables } from './agent-tables.js'

/** What action 0 may be called where actions have names. */
const PASSES = ['pass', 'wait', 'none', 'noop', 'idle', 'stay', 'skip']

/**
 * An auction in every row: agent i bids max_a Q_i(o_i, a) - Q_i(o_i, 0) over its legal actions a > 0; the highest positive bid acts,
 * ties to the lowest agent, and all others take action 0, which passes. Each bid follows from what the agent sees itself.
 */
export class Auction {
  /** Of the row held last: the place of the winner among the own choices and its action; -1 and 0 where nobody bids more than 0. */
  winner = -1
  action = 0
  /** The winner's bid, or 0; the highest of the others' bids, or 0; and the sum of Q_i(o_i, 0) over those who act. */
  bid = 0
  runnerUp = 0
  passes = 0
  readonly #tables: AgentTables
  readonly #own: OwnChoices

  /** @throws SpaceError when an agent can't take part: it makes several choices, has no action beside 0, or 0 isn't passing */
  constructor(spec: EnvSpec, tables: AgentTables, own: OwnChoices) {
    oneChoiceLayout(spec, 'an auction')
    for (const agent of own.agentOf) {
      const { name, action } = spec.agents[agent]!
      const labels = action.kind === 'discrete' ? action.labels : undefined
      if (action.kind === 'discrete' && action.n < 2) {
        throw new SpaceError(`${spec.id}: agent "${name}" has nothing to bid for: expected an action beside 0`)
      }
      if (labels === undefined || PASSES.includes(labels[0]!.toLowerCase())) continue
      throw new SpaceError(
        `${spec.id}: an auction lets all but one agent take action 0, and "${labels[0]}" of agent "${name}" isn't passing (${PASSES.join(', ')}); use execute: greedy`,
      )
    }
    this.#tables = tables
    this.#own = own
  }

  /** Holds the auction of a row. @param values - f64, the tables */
  hold(values: Float64Array, { mask, observationId, layout }: PolicyBatch, row: number): void {
    const { count, agentOf } = this.#own
    const { width } = this.#tables
    this.winner = -1
    this.action = 0
    this.bid = 0
    this.runnerUp = 0
    this.passes = 0
    for (let j = 0; j < count; j++) {
      const agent = agentOf[j]!
      const k = row * layout.agents + agent
      const first = k * width
      let best = 0
      for (let a = 1; a < width; a++) if (mask[first + a] === 1) best = a
      if (mask[first] !== 1) {
        if (best > 0) this.#refuse(agent)
        continue
      }
      const entry = this.#tables.row(agent, observationId[k]!)
      const pass = values[entry]!
      this.passes += pass
      if (best === 0) continue
      for (let a = best - 1; a > 0; a--) {
        if (mask[first + a] === 1 && values[entry + a]! >= values[entry + best]!) best = a
      }
      const bid = values[entry + best]! - pass
      if (bid > this.bid) {
        this.runnerUp = this.bid
        this.bid = bid
        this.winner = j
        this.action = best
      } else if (bid > this.runnerUp) this.runnerUp = bid
    }
  }

  #refuse(agent: number): never {
    throw new IllegalActionError(
      `auction: agent ${agent} may not pass (action 0 is illegal) though it may act; use execute: greedy in such an environment`,
    )
  }
}
