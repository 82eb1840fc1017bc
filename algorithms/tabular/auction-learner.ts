import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import type { LearnerContext } from '../learner.js'
import { Auction } from './auction.js'
import { AuctionPolicy } from './auction-policy.js'
import { DecomposedLearner } from './decomposed-learner.js'
import type { LearningConfig } from './learning-config.js'

/**
 * Learned bids: a decomposed value whose agents act by auction (auction.ts), now and in the target. One exploration for the team: an
 * exploring decision is uniform over the agents that may do more than pass and "nobody", and then over the agent's actions. Each of
 * the n parts moves by rate / n times the error, so that the sum moves by the rate.
 */
export class AuctionLearner extends DecomposedLearner {
  readonly #auction: Auction

  /** @throws SpaceError when an agent can't take part in an auction */
  constructor(context: LearnerContext, config: LearningConfig) {
    super(context, config)
    this.#auction = new Auction(context.spec, this.tables, this.own)
  }

  override act(batch: AgentViews, actions: Int32Array): void {
    const { agents } = batch.layout
    const { count, agentOf } = this.own
    const { rng } = this.context
    const epsilon = this.epsilon()
    const auction = this.#auction
    for (let row = 0; row < batch.size; row++) {
      const first = row * agents
      for (let j = 0; j < count; j++) actions[first + agentOf[j]!] = 0
      if (rng.uniform() < epsilon) this.#explore(batch, row, actions)
      else {
        auction.hold(this.values, batch, row)
        if (auction.winner >= 0) actions[first + agentOf[auction.winner]!] = auction.action
      }
    }
  }

  /** One draw for who, and one more for what where there is a choice. */
  #explore({ mask, layout }: AgentViews, row: number, actions: Int32Array): void {
    const { count, agentOf } = this.own
    const { width } = this.tables
    const { rng } = this.context
    let eligible = 0
    for (let j = 0; j < count; j++) if (bids(mask, (row * layout.agents + agentOf[j]!) * width, width) > 0) eligible++
    let pick = rng.integer(eligible + 1)
    for (let j = 0; j < count && pick < eligible; j++) {
      const k = row * layout.agents + agentOf[j]!
      const choices = bids(mask, k * width, width)
      if (choices === 0 || pick-- > 0) continue
      let action = choices === 1 ? 0 : rng.integer(choices)
      for (let a = 1; a < width; a++) {
        if (mask[k * width + a] === 1 && action-- === 0) actions[k] = a
      }
      return
    }
  }

  protected override stepOf(rate: number, parts: number): number {
    return parts === 0 ? 0 : rate / parts
  }

  protected override valueAfter({ after }: TransitionBatch, row: number): number {
    this.#auction.hold(this.values, after, row)
    return this.#auction.passes + this.#auction.bid
  }

  override policy(): AuctionPolicy {
    return new AuctionPolicy(this.context.spec, this.values, this.context.agents)
  }
}

/** Legal actions beside passing. */
function bids(mask: Uint8Array, first: number, width: number): number {
  let legal = 0
  for (let a = 1; a < width; a++) legal += mask[first + a]!
  return legal
}
