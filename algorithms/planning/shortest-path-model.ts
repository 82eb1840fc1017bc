import { ModelError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { endComponents } from './end-components.js'
import { shapedRewards } from './net-zero-rounds.js'
import { largestSize, leastReward } from './rounding.js'
import { type RowGraph, rowsTowards } from './row-graph.js'

/**
 * A model in which staying costs something: states between which one can move for ever at shaped rewards of 0
 * (net-zero-rounds.ts) are one group, as they have one value but for the potential, and the actions of the group are those that
 * do something else (the quotient of de Alfaro 1997, section 3.3). Every other state is a group of its own.
 */
export interface ShortestPathModel extends RowGraph {
  /** f64 [S * A], shaped rewards, and a bound on what computing them rounded. */
  readonly reward: Float64Array
  readonly rewardError: number
  /** f64 [S]: the value of a state is that of its group, and this. */
  readonly potential: Float64Array
  /** Rows of group g: rows[firstRow[g]]..rows[firstRow[g + 1] - 1]; a group of a terminal state has none. */
  readonly firstRow: Int32Array
  readonly rows: Int32Array
  /** u8 [groups], 1 = terminal. */
  readonly ends: Uint8Array
  /** u8 [S], 1 = one can move about for ever from here and earn nothing at all. */
  readonly idles: Uint8Array
  /** i32 [groups], rows of a policy that ends with probability 1; -1 in terminal groups. */
  readonly properRows: Int32Array
  /** One action a state from one row a group: within a group, actions of shaped reward 0 lead to the state that the row belongs to. */
  actions(chosen: Int32Array): Int32Array
}

/**
 * @throws ModelError when some state can't reach a terminal one: then no policy ends from everywhere; or going round gains for ever
 * @throws IterationLimitError where f64 can't tell whether it does
 */
export function shortestPathModel(mdp: TabularMdp): ShortestPathModel {
  const { numStates, numActions, rowStart, terminal, stateIds } = mdp
  const { reward, potential, isZero, error: rewardError } = shapedRewards(mdp)
  const { count, component, stays } = endComponents(mdp, isZero)
  const least = leastReward(largestSize(mdp.reward))
  const earnsNothing = Uint8Array.from(mdp.reward, (r) => (Math.abs(r) <= least ? 1 : 0))
  const idles = Uint8Array.from(endComponents(mdp, earnsNothing).component, (c) => (c === -1 ? 0 : 1))
  const groupOf = new Int32Array(numStates)
  let numGroups = count
  for (let s = 0; s < numStates; s++) groupOf[s] = component[s] === -1 ? numGroups++ : component[s]!
  const ends = new Uint8Array(numGroups)
  for (let s = 0; s < numStates; s++) if (terminal[s] === 1) ends[groupOf[s]!] = 1

  const leaves = (row: number) => rowStart[row]! < rowStart[row + 1]! && stays[row] === 0
  const firstRow = new Int32Array(numGroups + 1)
  for (let row = 0; row < reward.length; row++) {
    if (leaves(row)) firstRow[groupOf[Math.floor(row / numActions)]! + 1]!++
  }
  for (let g = 0; g < numGroups; g++) firstRow[g + 1]! += firstRow[g]!
  const rows = new Int32Array(firstRow[numGroups]!)
  const place = firstRow.slice()
  for (let row = 0; row < reward.length; row++) {
    if (leaves(row)) rows[place[groupOf[Math.floor(row / numActions)]!]!++] = row
  }

  const graph = { mdp, numGroups, groupOf }
  const properRows = rowsTowards(graph, rows, ends)
  const lost = groupOf.findIndex((g) => ends[g] === 0 && properRows[g] === -1)
  if (lost !== -1) {
    throw new ModelError(
      `stochasticShortestPath: expected every state to be able to reach a terminal one, but state ${stateIds[lost]} can't: no policy is proper; use a discount below 1, or the average reward where problems go on`,
    )
  }
  const within = Int32Array.from(stays.keys()).filter((row) => stays[row] === 1)
  const actions = (chosen: Int32Array) => {
    const policy = new Int32Array(numStates).fill(-1)
    const exits = new Uint8Array(numStates)
    for (const row of chosen) {
      if (row === -1) continue
      policy[Math.floor(row / numActions)] = row % numActions
      exits[Math.floor(row / numActions)] = 1
    }
    if (within.length === 0) return policy
    const single = { mdp, numGroups: numStates, groupOf: Int32Array.from(groupOf.keys()) }
    rowsTowards(single, within, exits).forEach((row, s) => {
      if (row !== -1) policy[s] = row % numActions
    })
    return policy
  }
  return { ...graph, reward, rewardError, potential, firstRow, rows, ends, idles, properRows, actions }
}
