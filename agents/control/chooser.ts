import { Rng } from '#env/rng.js'
import type { Ranker } from './ranking.js'

/** Who shall answer one request, and everything needed to learn from it later. Agents by their numbers. */
export interface Choice {
  /** Agents that may be called, in the order in which they shall be asked. */
  readonly order: readonly number[]
  /** [n], null where agents aren't scored */
  readonly scores: readonly number[] | null
  /** [n], the chance that each agent had to be asked first; those that couldn't be called 0, whoever was requested */
  readonly propensities: readonly number[]
  /**
   * policy, explored, requested, round-robin, random, always; fallback:breaker-open where the best couldn't be called,
   * requested-unavailable where the agent that the request names couldn't.
   */
  readonly reason: string
  /** The encoded prompt, where it was encoded. */
  readonly features: { readonly index: readonly number[]; readonly value: readonly number[] } | null
}

/**
 * Turns rankings into choices: leaves out agents that can't be called, explores, and says how likely the choice was.
 *
 * With m agents to choose from and b the base distribution (all on the best of them, or the policy's own where it draws),
 * an agent is chosen with probability (1 - epsilon) b + epsilon / m: exactly the propensity that is logged.
 */
export class Chooser {
  readonly #ranker: Ranker
  readonly #epsilon: number
  readonly #rng: Rng

  constructor(ranker: Ranker, exploration: { readonly epsilon: number; readonly seed: number }) {
    this.#ranker = ranker
    this.#epsilon = exploration.epsilon
    this.#rng = new Rng(`exploration-${exploration.seed}`)
  }

  /**
   * @param callable - [n]
   * @param requested - the agent that the request names: it comes first, or the best where it can't be called; without a draw
   */
  choose(text: string, callable: readonly boolean[], requested?: number): Choice {
    const { order, scores, probabilities } = this.#ranker.rank(text)
    const ranked = [...order]
    const able = ranked.filter((agent) => callable[agent])
    const top = able[0]
    const propensities = callable.map(() => 0)
    let first = top
    let reason = probabilities !== null || top === ranked[0] ? this.#ranker.reason : 'fallback:breaker-open'
    if (requested !== undefined) {
      const available = callable[requested] === true
      reason = available ? 'requested' : 'requested-unavailable'
      if (available) first = requested
      if (first !== undefined) propensities[first] = 1
    } else if (top !== undefined) {
      this.#spread(able, probabilities, propensities)
      const explored = this.#epsilon > 0 && this.#rng.uniform() < this.#epsilon
      if (explored) first = able[this.#rng.integer(able.length)]!
      else if (probabilities !== null) first = this.#draw(able, probabilities)
      if (explored && first !== top) reason = 'explored'
    }
    const { features } = this.#ranker
    return {
      order: first === undefined ? [] : [first, ...able.filter((agent) => agent !== first)],
      scores: scores === null ? null : [...scores],
      propensities,
      reason,
      features: features === undefined ? null : { index: [...features.index], value: [...features.value] },
    }
  }

  #spread(able: readonly number[], probabilities: Float64Array | null, out: number[]): void {
    const total = able.reduce((sum, agent) => sum + (probabilities?.[agent] ?? 0), 0)
    able.forEach((agent, place) => {
      const base = probabilities === null ? (place === 0 ? 1 : 0) : baseOf(probabilities[agent]!, total, able.length)
      out[agent] = (1 - this.#epsilon) * base + this.#epsilon / able.length
    })
  }

  #draw(able: readonly number[], probabilities: Float64Array): number {
    const total = able.reduce((sum, agent) => sum + probabilities[agent]!, 0)
    const chances = able.map((agent) => baseOf(probabilities[agent]!, total, able.length))
    return able[this.#rng.categorical(chances)]!
  }
}

/** A probability among those that can be called; uniform where the policy would have called none of them. */
function baseOf(probability: number, total: number, count: number): number {
  return total > 0 ? probability / total : 1 / count
}
