import type { RewardChain } from './total-reward.js'

/**
 * Solves g + h = r + P h with h(root) = 0 for few nodes, by taking node after node out of the chain (Grassmann, Taksar and Heyman
 * 1985, "Regenerative analysis and steady state distributions for Markov chains"). Nothing of equal sign is subtracted, so that
 * chains that hardly ever move from one part to another are solved as exactly as others. What a row misses of 1 counts as
 * staying.
 */
export class DirectGain {
  readonly #size: number
  readonly #root: number
  /** f64 [n, n], probabilities of moving, the root first; column k as it was when node k was taken out. */
  readonly #moves: Float64Array
  /** f64 [n], of each node when it was taken out: the probability of moving at all. */
  readonly #leaves: Float64Array
  /** f64 [n], the steps that a visit stands for. */
  readonly #steps: Float64Array

  /** @param root - a node that every node leads to */
  constructor(chain: RewardChain, size: number, root: number) {
    this.#size = size
    this.#root = root
    const moves = new Float64Array(size * size)
    for (let node = 0; node < size; node++) {
      const i = this.#place(node)
      for (let e = chain.first[node]!; e < chain.first[node + 1]!; e++) {
        const j = this.#place(chain.next[e]!)
        if (j !== i) moves[i * size + j]! += chain.probability[e]!
      }
    }
    const leaves = new Float64Array(size)
    for (let k = size - 1; k > 0; k--) {
      for (let j = 0; j < k; j++) leaves[k]! += moves[k * size + j]!
      for (let i = 0; i < k; i++) {
        const share = moves[i * size + k]! / leaves[k]!
        if (share === 0) continue
        for (let j = 0; j < k; j++) if (j !== i) moves[i * size + j]! += share * moves[k * size + j]!
      }
    }
    this.#moves = moves
    this.#leaves = leaves
    this.#steps = this.#takeOut(new Float64Array(size).fill(1))
  }

  /**
   * @param reward - f64 [n]
   * @param bias - f64 [n], filled in: h
   * @returns g
   */
  solve(reward: Float64Array, bias: Float64Array): number {
    const size = this.#size
    const r = new Float64Array(size)
    for (let node = 0; node < size; node++) r[this.#place(node)] = reward[node]!
    this.#takeOut(r)
    const gain = r[0]! / this.#steps[0]!
    const h = new Float64Array(size)
    for (let k = 1; k < size; k++) {
      let sum = r[k]! - gain * this.#steps[k]!
      for (let j = 0; j < k; j++) sum += this.#moves[k * size + j]! * h[j]!
      h[k] = sum / this.#leaves[k]!
    }
    for (let node = 0; node < size; node++) bias[node] = h[this.#place(node)]!
    return gain
  }

  /** What a visit of each node earns, those after it included. */
  #takeOut(earned: Float64Array): Float64Array {
    const size = this.#size
    for (let k = size - 1; k > 0; k--) {
      const each = earned[k]! / this.#leaves[k]!
      for (let i = 0; i < k; i++) earned[i]! += this.#moves[i * size + k]! * each
    }
    return earned
  }

  /** The root changes places with the first node. */
  #place(node: number): number {
    return node === this.#root ? 0 : node === 0 ? this.#root : node
  }
}
