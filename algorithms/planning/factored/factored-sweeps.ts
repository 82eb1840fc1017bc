import type { FactoredMdp } from '#env/mdp/factored-mdp.js'
import type { ModelPrecision } from '../rounding.js'
import { Contraction } from './contraction.js'

/** Rows of a factored model, or of a policy on it: what each state earns and the afterstates that it leads to. */
export interface AfterstateRows {
  /** i32 [S + 1] */
  readonly first: Int32Array
  /** i32, afterstates */
  readonly next: Int32Array
  readonly probability: Float64Array
  /** f64 [S] */
  readonly reward: Float64Array
}

/**
 * Sweeps over a factored model: v' = max or a policy's row of r + gamma * sum p W, where W is what values become as the factors
 * move (contraction.ts). One contraction a sweep.
 */
export class FactoredSweeps {
  readonly precision: ModelPrecision
  /** Products that a sweep of a policy takes, one for each state of its row included. */
  readonly products: number
  readonly #mdp: FactoredMdp
  readonly #discount: number
  readonly #contraction: Contraction

  constructor(mdp: FactoredMdp, discount: number) {
    this.#mdp = mdp
    this.#discount = discount
    this.#contraction = new Contraction(mdp.sizes, mdp.moves)
    this.products = mdp.numStates * (this.#contraction.products + 1)
    this.precision = precisionOf(mdp, this.#contraction)
  }

  /**
   * next = L value, and the rows that attain it; ties to the lowest joint action.
   * @param rows - i32 [S], filled in
   */
  optimal(value: Float64Array, next: Float64Array, rows: Int32Array): void {
    const { numStates, stateStart, rowStart, successor, probability, reward } = this.#mdp
    const discount = this.#discount
    const after = this.#contraction.apply(value)
    for (let s = 0; s < numStates; s++) {
      let best = Number.NEGATIVE_INFINITY
      let bestRow = -1
      for (let row = stateStart[s]!; row < stateStart[s + 1]!; row++) {
        let sum = 0
        for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) sum += probability[k]! * after[successor[k]!]!
        const q = reward[row]! + discount * sum
        if (q > best) {
          best = q
          bestRow = row
        }
      }
      next[s] = best
      rows[s] = bestRow
    }
  }

  /** next = r + gamma P value on a policy's rows, i32 [S]. */
  ofRows(value: Float64Array, next: Float64Array, rows: Int32Array): void {
    const { rowStart, successor, probability, reward } = this.#mdp
    const discount = this.#discount
    const after = this.#contraction.apply(value)
    for (let s = 0; s < next.length; s++) {
      const row = rows[s]!
      let sum = 0
      for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) sum += probability[k]! * after[successor[k]!]!
      next[s] = reward[row]! + discount * sum
    }
  }

  /** The same on rows of their own, such as mixtures. */
  ofChain(
    value: Float64Array,
    next: Float64Array,
    { first, next: successor, probability, reward }: AfterstateRows,
  ): void {
    const discount = this.#discount
    const after = this.#contraction.apply(value)
    for (let s = 0; s < next.length; s++) {
      let sum = 0
      for (let k = first[s]!; k < first[s + 1]!; k++) sum += probability[k]! * after[successor[k]!]!
      next[s] = reward[s]! + discount * sum
    }
  }
}

/**
 * The rounding of a sweep: a value goes through a product and a sum for each entry of every factor, and then for each of its row.
 * `expectationRoundings` counts sums of four side by side, these are one after the other: four times as many entries.
 */
function precisionOf({ reward, rowStart, probability }: FactoredMdp, contraction: Contraction): ModelPrecision {
  let longest = 0
  let maxReward = 0
  let low = 1
  let high = 1
  for (let row = 0; row < reward.length; row++) {
    let sum = 0
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) sum += probability[k]!
    const length = rowStart[row + 1]! - rowStart[row]!
    longest = Math.max(longest, length)
    low = Math.min(low, sum - length * Number.EPSILON)
    high = Math.max(high, sum + length * Number.EPSILON)
    maxReward = Math.max(maxReward, Math.abs(reward[row]!))
  }
  return {
    minRowSum: low * contraction.minRowSum,
    maxRowSum: high * contraction.maxRowSum,
    maxReward,
    maxRowLength: 8 * (longest + contraction.products),
  }
}
