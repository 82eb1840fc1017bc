import type { TransitionSink } from '../mdp/transition-sink.js'

/** One successor of a state and joint action, outcomes with the same successor taken together. */
export interface Successor {
  probability: number
  /** Expected reward given this successor, times `probability`. */
  weightedReward: number
  terminated: boolean
}

/** Everything an environment declared for a state and joint action. */
export class DeclaredRow implements TransitionSink {
  readonly successors = new Map<number, Successor>()
  /** The first thing wrong with it, or undefined. */
  problem: string | undefined
  sum = 0
  lowestReward = Number.POSITIVE_INFINITY
  highestReward = Number.NEGATIVE_INFINITY
  readonly #numStates: number

  constructor(numStates: number) {
    this.#numStates = numStates
  }

  add(successor: number, probability: number, reward: number, terminated: boolean): void {
    if (!Number.isInteger(successor) || successor < 0 || successor >= this.#numStates) {
      this.problem ??= `successor ${successor} lies outside 0..${this.#numStates - 1}`
    }
    if (!(probability >= 0 && probability <= 1 + 1e-12)) this.problem ??= `probability ${probability} isn't in 0..1`
    if (!Number.isFinite(reward)) this.problem ??= `reward ${reward} isn't finite`
    if (probability === 0) return
    this.sum += probability
    this.lowestReward = Math.min(this.lowestReward, reward)
    this.highestReward = Math.max(this.highestReward, reward)
    const known = this.successors.get(successor)
    if (known === undefined) {
      this.successors.set(successor, { probability, weightedReward: probability * reward, terminated: !!terminated })
      return
    }
    if (known.terminated !== !!terminated) {
      this.problem ??= `successor ${successor} is declared both as an end and as not; number them apart`
    }
    known.probability += probability
    known.weightedReward += probability * reward
  }

  /** The first thing wrong with the row as a whole, or undefined. */
  verdict(): string | undefined {
    if (this.problem !== undefined) return this.problem
    return Math.abs(this.sum - 1) > 1e-9 ? `probabilities sum to ${this.sum}, expected 1` : undefined
  }
}
