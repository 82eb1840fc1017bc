/**
 * A sum of decision trees of one depth D, as arrays: tree t has 2^D - 1 questions and 2^D leaves, laid out level by level. A row goes
 * right where its value of the asked feature is above the threshold.
 */
export interface BoostedTrees {
  readonly depth: number
  /** [T * (2^D - 1)] which feature is asked. */
  readonly feature: Int32Array
  /** [T * (2^D - 1)] */
  readonly threshold: Float32Array
  /** [T * 2^D] */
  readonly leaf: Float32Array
}

/**
 * Scores rows.
 * @param rows - [n * F]
 * @param scores - [n], written
 */
export function predictTrees(
  { depth, feature, threshold, leaf }: BoostedTrees,
  rows: Float32Array,
  numFeatures: number,
  scores: Float64Array,
): void {
  const leaves = 1 << depth
  const questions = leaves - 1
  const trees = leaf.length / leaves
  const count = rows.length / numFeatures
  scores.fill(0, 0, count)
  for (let t = 0; t < trees; t++) {
    const base = t * questions
    const leafBase = t * leaves - questions
    for (let n = 0, row = 0; n < count; n++, row += numFeatures) {
      let node = 0
      while (node < questions) {
        node = 2 * node + (rows[row + feature[base + node]!]! > threshold[base + node]! ? 2 : 1)
      }
      scores[n]! += leaf[leafBase + node]!
    }
  }
}
