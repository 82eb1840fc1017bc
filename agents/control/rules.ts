import { Rng } from '#env/rng.js'
import type { Ranker, Ranking } from './ranking.js'

/** Agents take turns. */
export class RoundRobin implements Ranker {
  readonly reason = 'round-robin'
  readonly #ranking: Ranking
  #next = 0

  constructor(agents: number) {
    this.#ranking = { order: new Int32Array(agents), scores: null, probabilities: null }
  }

  rank(): Ranking {
    const { order } = this.#ranking
    for (let i = 0; i < order.length; i++) order[i] = (this.#next + i) % order.length
    this.#next = (this.#next + 1) % order.length
    return this.#ranking
  }
}

/** Every agent is as likely as any other, first and afterwards. */
export class UniformDraw implements Ranker {
  readonly reason = 'random'
  readonly #ranking: Ranking
  readonly #rng: Rng

  constructor(agents: number, seed: string) {
    this.#rng = new Rng(seed)
    const order = Int32Array.from({ length: agents }, (_, i) => i)
    this.#ranking = { order, scores: null, probabilities: new Float64Array(agents).fill(1 / agents) }
  }

  rank(): Ranking {
    const { order } = this.#ranking
    for (let i = order.length - 1; i > 0; i--) {
      const k = this.#rng.integer(i + 1)
      const swapped = order[i]!
      order[i] = order[k]!
      order[k] = swapped
    }
    return this.#ranking
  }
}

/** One agent, and the others in their order only when it fails. */
export class Always implements Ranker {
  readonly reason = 'always'
  readonly #ranking: Ranking

  constructor(agents: number, first: number) {
    const others = Array.from({ length: agents }, (_, i) => i).filter((i) => i !== first)
    this.#ranking = { order: Int32Array.of(first, ...others), scores: null, probabilities: null }
  }

  rank(): Ranking {
    return this.#ranking
  }
}
