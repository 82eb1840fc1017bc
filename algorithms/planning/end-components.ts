/**
 * Maximal end components: the largest sets of states in which some choice of actions stays for ever and reaches every state
 * of the set from every other (de Alfaro 1997, section 3.3). Found by splitting into strongly connected components and
 * dropping the actions that lead out of them, until none does.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

export interface EndComponents {
  /** Number of components. */
  readonly count: number
  /** i32 [S], the component of each state, 0..count-1; -1 where it has none. Terminal states have none. */
  readonly component: Int32Array
  /** u8 [S * A], 1 = the action is allowed and stays within its state's component. */
  readonly stays: Uint8Array
}

/** @param allowed - u8 [S * A], the actions that count; illegal ones never do. Default: all */
export function endComponents(mdp: TabularMdp, allowed?: Uint8Array): EndComponents {
  const { numStates, numActions, rowStart, successor, probability } = mdp
  const stays = Uint8Array.from(mdp.reward, (_, row) =>
    rowStart[row]! < rowStart[row + 1]! && allowed?.[row] !== 0 ? 1 : 0,
  )
  for (;;) {
    const group = stronglyConnected(mdp, stays)
    let dropped = false
    for (let row = 0; row < stays.length; row++) {
      if (stays[row] === 0) continue
      const home = group[Math.floor(row / numActions)]
      for (let k = rowStart[row]!; k < rowStart[row + 1]! && stays[row] === 1; k++) {
        if (probability[k]! > 0 && group[successor[k]!] !== home) stays[row] = 0
      }
      if (stays[row] === 0) dropped = true
    }
    if (dropped) continue
    const numberOf = new Map<number, number>()
    const component = new Int32Array(numStates).fill(-1)
    for (let s = 0; s < numStates; s++) {
      if (!hasOne(stays, s, numActions)) continue
      const found = numberOf.get(group[s]!) ?? numberOf.size
      numberOf.set(group[s]!, found)
      component[s] = found
    }
    return { count: numberOf.size, component, stays }
  }
}

function hasOne(stays: Uint8Array, s: number, numActions: number): boolean {
  for (let a = 0; a < numActions; a++) if (stays[s * numActions + a] === 1) return true
  return false
}

/** The strongly connected component of each state along the given actions (Tarjan 1972), without recursion. */
function stronglyConnected(mdp: TabularMdp, along: Uint8Array): Int32Array {
  const { numStates, numActions, rowStart, successor, probability } = mdp
  const group = new Int32Array(numStates).fill(-1)
  const order = new Int32Array(numStates)
  const low = new Int32Array(numStates)
  const row = new Int32Array(numStates)
  const cursor = new Int32Array(numStates)
  const path = new Int32Array(numStates)
  const waiting = new Int32Array(numStates)
  let seen = 0
  let numWaiting = 0
  let groups = 0
  for (let root = 0; root < numStates; root++) {
    if (order[root] !== 0) continue
    let depth = -1
    const enter = (s: number) => {
      path[++depth] = s
      waiting[numWaiting++] = s
      order[s] = ++seen
      low[s] = seen
      row[s] = s * numActions
      cursor[s] = rowStart[row[s]!]!
    }
    enter(root)
    while (depth >= 0) {
      const s = path[depth]!
      // On to the next entry of an action that counts.
      while (row[s]! < (s + 1) * numActions && (along[row[s]!] === 0 || cursor[s]! >= rowStart[row[s]! + 1]!)) {
        row[s]!++
        cursor[s] = rowStart[row[s]!]!
      }
      if (row[s]! < (s + 1) * numActions) {
        const next = successor[cursor[s]!]!
        const leadsThere = probability[cursor[s]!]! > 0
        cursor[s]!++
        if (!leadsThere) continue
        if (order[next] === 0) enter(next)
        else if (group[next] === -1) low[s] = Math.min(low[s]!, order[next]!)
        continue
      }
      depth--
      if (depth >= 0) low[path[depth]!] = Math.min(low[path[depth]!]!, low[s]!)
      if (low[s] !== order[s]) continue
      let member = -1
      while (member !== s) {
        member = waiting[--numWaiting]!
        group[member] = groups
      }
      groups++
    }
  }
  return group
}
