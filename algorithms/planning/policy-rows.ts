import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { SparseRows } from './linear-system.js'

/**
 * The rows of a model that a policy uses, side by side: solving runs 2 to 4 times faster on them than on the scattered rows
 * of the model. Terminal states have empty rows and reward 0. The arrays are used again from policy to policy.
 */
export class PolicyRows implements SparseRows {
  readonly first: Int32Array
  next = new Int32Array(0)
  probability = new Float64Array(0)
  /** f64 [S], expected reward. */
  readonly reward: Float64Array
  readonly #mdp: TabularMdp

  constructor(mdp: TabularMdp) {
    this.#mdp = mdp
    this.first = new Int32Array(mdp.numStates + 1)
    this.reward = new Float64Array(mdp.numStates)
  }

  /** Takes the rows of a policy, i32 [S], legal in each state that isn't terminal. */
  follow(policy: Int32Array): this {
    const { numStates, numActions, rowStart, successor, probability, reward, terminal } = this.#mdp
    let entries = 0
    for (let s = 0; s < numStates; s++) {
      const row = s * numActions + policy[s]!
      if (terminal[s] === 0) entries += rowStart[row + 1]! - rowStart[row]!
      this.first[s + 1] = entries
    }
    if (this.next.length < entries) {
      this.next = new Int32Array(entries)
      this.probability = new Float64Array(entries)
    }
    for (let s = 0; s < numStates; s++) {
      this.reward[s] = 0
      if (terminal[s] === 1) continue
      const row = s * numActions + policy[s]!
      this.reward[s] = reward[row]!
      let entry = this.first[s]!
      for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++, entry++) {
        this.next[entry] = successor[k]!
        this.probability[entry] = probability[k]!
      }
    }
    return this
  }
}
