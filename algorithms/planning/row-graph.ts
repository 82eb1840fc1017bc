import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

/** Rows of a model as the actions of groups of its states. */
export interface RowGraph {
  readonly mdp: TabularMdp
  readonly numGroups: number
  /** i32 [S], the group of each state. */
  readonly groupOf: Int32Array
}

/**
 * For each group, a row that has some probability to come a step closer to the targets (breadth first): following those rows
 * ends in a target with probability 1, from wherever one can get there at all.
 * @param rows - the rows that may be used
 * @param targets - u8 [groups], 1 = there already
 * @returns i32 [groups], row numbers; -1 in targets and where no target can be reached
 */
export function rowsTowards({ mdp, numGroups, groupOf }: RowGraph, rows: Int32Array, targets: Uint8Array): Int32Array {
  const { numActions, rowStart, successor, probability } = mdp
  // The rows that enter each group, by counting.
  const first = new Int32Array(numGroups + 2)
  for (const row of rows) {
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) {
      if (probability[k]! > 0) first[groupOf[successor[k]!]! + 2]!++
    }
  }
  for (let g = 0; g <= numGroups; g++) first[g + 1]! += first[g]!
  const entering = new Int32Array(first[numGroups + 1]!)
  for (const row of rows) {
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) {
      if (probability[k]! > 0) entering[first[groupOf[successor[k]!]! + 1]!++] = row
    }
  }
  const chosen = new Int32Array(numGroups).fill(-1)
  const queue = new Int32Array(numGroups)
  let filled = 0
  for (let g = 0; g < numGroups; g++) if (targets[g] === 1) queue[filled++] = g
  for (let head = 0; head < filled; head++) {
    const g = queue[head]!
    for (let k = first[g]!; k < first[g + 1]!; k++) {
      const from = groupOf[Math.floor(entering[k]! / numActions)]!
      if (targets[from] === 1 || chosen[from] !== -1) continue
      chosen[from] = entering[k]!
      queue[filled++] = from
    }
  }
  return chosen
}
