/**
 * Weights of which one is drawn with probability proportional to it, in a binary tree of sums (Schaul et al. 2016, appendix B.2.1): both
 * changing and drawing take the logarithm of their number. Every sum is of its two halves, so that equal weights give equal sums however they came about.
 */
export class SumTree {
  /** f64 [2 * leaves]: node k has the children 2k and 2k + 1; leaves are the last half. */
  readonly #sums: Float64Array
  readonly #leaves: number

  constructor(size: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, size)))
    this.#sums = new Float64Array(2 * this.#leaves)
  }

  get total(): number {
    return this.#sums[1]!
  }

  get(index: number): number {
    return this.#sums[this.#leaves + index]!
  }

  set(index: number, weight: number): void {
    let node = this.#leaves + index
    this.#sums[node] = weight
    for (node >>= 1; node >= 1; node >>= 1) this.#sums[node] = this.#sums[2 * node]! + this.#sums[2 * node + 1]!
  }

  /** The index at which the running sum of weights passes `mass`, of [0, total). Never one of weight 0 unless all are. */
  find(mass: number): number {
    let node = 1
    let rest = mass
    while (node < this.#leaves) {
      const left = this.#sums[2 * node]!
      // Rounding may leave mass beyond the last: a side that weighs nothing is never entered.
      if (rest < left || this.#sums[2 * node + 1]! === 0) node = 2 * node
      else {
        rest -= left
        node = 2 * node + 1
      }
    }
    return node - this.#leaves
  }
}
