import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { SparseRows } from './linear-system.js'

/**
 * Rows of a model side by side, one a node of a chain: those that a policy uses, or mixtures of them. Solving runs 2 to 4 times
 * faster on them than on the scattered rows of the model. Buffers grow and are used again from policy to policy.
 */
export class PolicyRows implements SparseRows {
  /** i32 [nodes + 1]: the successors of node i are the entries first[i]..first[i+1]-1 of the next two arrays. */
  first = new Int32Array(1)
  next = new Int32Array(1024)
  probability = new Float64Array(1024)
  /** f64 [nodes], expected reward. */
  reward = new Float64Array(0)

  /** Takes the rows of a policy, i32 [S], legal in each state that isn't terminal; terminal states have empty rows and reward 0. */
  ofPolicy(mdp: TabularMdp, policy: Int32Array): this {
    this.beginRows(mdp.numStates)
    for (let s = 0; s < mdp.numStates; s++) {
      this.beginRow(s)
      if (mdp.terminal[s] === 0) this.addRow(mdp, s, s * mdp.numActions + policy[s]!)
    }
    return this
  }

  /** Makes room for so many nodes, none of which has a row yet. */
  beginRows(numNodes: number): void {
    if (this.reward.length === numNodes) return
    this.first = new Int32Array(numNodes + 1)
    this.reward = new Float64Array(numNodes)
  }

  /** Makes room for so many nodes, those that have rows included. */
  reserveRows(numNodes: number): void {
    if (this.reward.length < numNodes) {
      const reward = new Float64Array(2 * numNodes)
      reward.set(this.reward)
      this.reward = reward
    }
    if (this.first.length < numNodes + 1) {
      const first = new Int32Array(2 * numNodes + 1)
      first.set(this.first)
      this.first = first
    }
  }

  /** Nodes are filled in order; each begins empty where the one before ended. */
  beginRow(node: number): void {
    this.first[node + 1] = this.first[node]!
    this.reward[node] = 0
  }

  /**
   * Adds a row of a model to the node that was begun last.
   * @param weight - of the row in the mixture
   * @param nodeOf - the node of a successor, where nodes aren't states
   */
  addRow(
    { rowStart, successor, probability, reward }: Pick<TabularMdp, 'rowStart' | 'successor' | 'probability' | 'reward'>,
    node: number,
    row: number,
    weight = 1,
    nodeOf?: (state: number) => number,
  ): void {
    const from = rowStart[row]!
    const to = rowStart[row + 1]!
    let entry = this.first[node + 1]!
    this.#reserve(entry + to - from)
    const { next, probability: mixed } = this
    for (let k = from; k < to; k++, entry++) {
      next[entry] = nodeOf === undefined ? successor[k]! : nodeOf(successor[k]!)
      mixed[entry] = weight * probability[k]!
    }
    this.first[node + 1] = entry
    this.reward[node]! += weight * reward[row]!
  }

  #reserve(entries: number): void {
    if (this.next.length >= entries) return
    const size = Math.max(entries, 2 * this.next.length)
    const next = new Int32Array(size)
    next.set(this.next)
    const probability = new Float64Array(size)
    probability.set(this.probability)
    this.next = next
    this.probability = probability
  }
}
