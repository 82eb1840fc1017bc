import type { SparseRows } from './linear-system.js'

/**
 * The rows of some nodes of a chain, numbered anew in their order; what leads out of them is left out.
 * @param nodes - i32, each once
 * @param size - nodes of the chain
 */
export function partOf({ first, next, probability }: SparseRows, nodes: Int32Array, size: number): SparseRows {
  const numberOf = new Int32Array(size).fill(-1)
  nodes.forEach((node, k) => {
    numberOf[node] = k
  })
  const starts = new Int32Array(nodes.length + 1)
  const successors = new Int32Array(first[size]!)
  const weights = new Float64Array(first[size]!)
  let entry = 0
  nodes.forEach((node, k) => {
    for (let e = first[node]!; e < first[node + 1]!; e++) {
      const to = numberOf[next[e]!]!
      if (to === -1) continue
      successors[entry] = to
      weights[entry++] = probability[e]!
    }
    starts[k + 1] = entry
  })
  return { first: starts, next: successors, probability: weights }
}
