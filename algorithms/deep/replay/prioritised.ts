import { power } from '#env/power.js'
import type { Rng } from '#env/rng.js'
import { SumTree } from './sum-tree.js'

/** Priorities below this are never given, so that every step may come again. */
const LEAST = 1e-6

/**
 * Proportional prioritised replay (Schaul et al. 2016, section 3.3): P(i) = p_i^alpha / sum p^alpha with p = |error|, one draw from each
 * of equal parts of the sum. Weights (N P(i))^-beta / max of the batch make up for it. Deviation: the largest weight is that of the
 * batch, as in the paper's algorithm 1; new steps have the largest priority so far.
 */
export class PrioritisedDraws {
  /** f64 [capacity], p^alpha of each entry: what a checkpoint keeps. */
  readonly priorities: Float64Array
  /** f64 [1], the largest p so far. */
  readonly largest = Float64Array.of(1)
  readonly #alpha: number
  readonly #tree: SumTree

  /** @param capacity - entries */
  constructor(capacity: number, alpha: number) {
    this.#alpha = alpha
    this.#tree = new SumTree(capacity)
    this.priorities = new Float64Array(capacity)
  }

  /** A new entry, at its place. */
  add(entry: number): void {
    this.#set(entry, this.largest[0]!)
  }

  /** @param error - what was left of the target, in reward units */
  update(entry: number, error: number): void {
    const priority = Math.abs(error) + LEAST
    this.largest[0] = Math.max(this.largest[0]!, priority)
    this.#set(entry, priority)
  }

  /**
   * Draws entries, and their weights.
   * @param size - entries there are
   * @param beta - of the weights, in [0, 1]
   * @param entries - i32 [B], written
   * @param weights - f64 [B], written: the largest is 1
   */
  draw(size: number, beta: number, rng: Rng, entries: Int32Array, weights: Float64Array): void {
    const { total } = this.#tree
    const part = total / entries.length
    let largest = 0
    for (let k = 0; k < entries.length; k++) {
      const entry = Math.min(size - 1, this.#tree.find((k + rng.uniform()) * part))
      entries[k] = entry
      const weight = power((size * this.#tree.get(entry)) / total, -beta)
      weights[k] = weight
      largest = Math.max(largest, weight)
    }
    for (let k = 0; k < entries.length; k++) weights[k] = weights[k]! / largest
  }

  /** Takes over what is in `priorities`: after a checkpoint was read into it. */
  restore(): void {
    for (let entry = 0; entry < this.priorities.length; entry++) {
      if (this.priorities[entry]! > 0) this.#tree.set(entry, this.priorities[entry]!)
    }
  }

  #set(entry: number, priority: number): void {
    const weight = power(priority, this.#alpha)
    this.priorities[entry] = weight
    this.#tree.set(entry, weight)
  }
}
