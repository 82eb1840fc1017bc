import type { SparseRows } from './linear-system.js'

/** Which nodes of a graph lead to which: entry k of row i with probability above 0 is an edge from i to next[k]. */
export class Reachability {
  readonly #size: number
  /** The nodes with an edge to node i are from[first[i]]..from[first[i + 1] - 1]. */
  readonly #first: Int32Array
  readonly #from: Int32Array

  /** @param size - number of nodes */
  constructor({ first, next, probability }: SparseRows, size: number) {
    this.#size = size
    const entries = first[size]!
    const start = new Int32Array(size + 2)
    for (let k = 0; k < entries; k++) if (probability[k]! > 0) start[next[k]! + 2]!++
    for (let i = 0; i <= size; i++) start[i + 1]! += start[i]!
    this.#from = new Int32Array(start[size + 1]!)
    for (let i = 0; i < size; i++) {
      for (let k = first[i]!; k < first[i + 1]!; k++) {
        if (probability[k]! > 0) this.#from[start[next[k]! + 1]!++] = i
      }
    }
    this.#first = start
  }

  /**
   * The nodes that can reach a target, in any number of steps from 0.
   * @param targets - u8 [nodes], 1 = a target
   * @returns u8 [nodes]
   */
  to(targets: Uint8Array): Uint8Array {
    const reached = targets.slice()
    const queue = new Int32Array(this.#size)
    let filled = 0
    for (let i = 0; i < this.#size; i++) if (reached[i] === 1) queue[filled++] = i
    for (let head = 0; head < filled; head++) {
      const node = queue[head]!
      for (let k = this.#first[node]!; k < this.#first[node + 1]!; k++) {
        const before = this.#from[k]!
        if (reached[before] === 1) continue
        reached[before] = 1
        queue[filled++] = before
      }
    }
    return reached
  }
}
