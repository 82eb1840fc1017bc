import { Rng } from '#env/rng.js'
import { drawExploring, exploringChances } from './exploration.js'
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
   * policy, explored, requested, round-robin, random, always; fallback: and why where the best couldn't be called (breaker-open,
   * rate-limited, down),
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
   * @param closedBy - why an agent can't be called; default: its breaker
   */
  choose(
    text: string,
    callable: readonly boolean[],
    requested?: number,
    closedBy: (agent: number) => string | null = () => null,
  ): Choice {
    const { order, scores, probabilities } = this.#ranker.rank(text)
    const ranked = [...order]
    const able = ranked.filter((agent) => callable[agent])
    const top = able[0]
    const propensities = callable.map(() => 0)
    let first = top
    let reason =
      probabilities !== null || top === ranked[0]
        ? this.#ranker.reason
        : `fallback:${closedBy(ranked[0]!) ?? 'breaker-open'}`
    if (requested !== undefined) {
      const available = callable[requested] === true
      reason = available ? 'requested' : 'requested-unavailable'
      if (available) first = requested
      if (first !== undefined) propensities[first] = 1
    } else if (top !== undefined) {
      const base = baseOf(able, probabilities)
      const draw = () => (probabilities === null ? 0 : this.#rng.categorical(base))
      const { place, explored } = drawExploring(able.length, this.#epsilon, this.#rng, draw)
      first = able[place]!
      if (explored && first !== top) reason = 'explored'
      exploringChances(base, this.#epsilon).forEach((chance, k) => {
        propensities[able[k]!] = chance
      })
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
}

/**
 * The distribution without exploration over those that can be called: all on the first, or the policy's own where it draws;
 * uniform where it would have called none of them.
 */
function baseOf(able: readonly number[], probabilities: Float64Array | null): Float64Array {
  if (probabilities === null) return Float64Array.from(able, (_, place) => (place === 0 ? 1 : 0))
  const total = able.reduce((sum, agent) => sum + probabilities[agent]!, 0)
  return Float64Array.from(able, (agent) => (total > 0 ? probabilities[agent]! / total : 1 / able.length))
}
