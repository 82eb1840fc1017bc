import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { EndComponents } from './end-components.js'

/** An end component as a model of its own: its states, and those of their actions that stay within. */
export interface ComponentModel {
  readonly mdp: TabularMdp
  /** i32 [states of the component], their numbers in the whole model, ascending. */
  readonly states: Int32Array
}

/** @param c - which component */
export function componentModel(mdp: TabularMdp, { component, stays }: EndComponents, c: number): ComponentModel {
  const { numActions, rowStart } = mdp
  const states = Int32Array.from({ length: mdp.numStates }, (_, s) => s).filter((s) => component[s] === c)
  const place = new Int32Array(mdp.numStates)
  states.forEach((s, k) => {
    place[s] = k
  })
  const starts = new Int32Array(states.length * numActions + 1)
  const reward = new Float64Array(states.length * numActions)
  let entries = 0
  const rowOf = (k: number) => states[Math.floor(k / numActions)]! * numActions + (k % numActions)
  for (let k = 0; k < reward.length; k++) {
    const row = rowOf(k)
    if (stays[row] === 1) {
      entries += rowStart[row + 1]! - rowStart[row]!
      reward[k] = mdp.reward[row]!
    }
    starts[k + 1] = entries
  }
  const successor = new Int32Array(entries)
  const probability = new Float64Array(entries)
  for (let k = 0; k < reward.length; k++) {
    for (let from = rowStart[rowOf(k)]!, to = starts[k]!; to < starts[k + 1]!; from++, to++) {
      successor[to] = place[mdp.successor[from]!]!
      probability[to] = mdp.probability[from]!
    }
  }
  return {
    mdp: {
      numStates: states.length,
      numActions,
      rowStart: starts,
      successor,
      probability,
      reward,
      terminal: new Uint8Array(states.length),
      start: Float64Array.from(states, (s) => mdp.start[s]!),
      stateIds: Int32Array.from(states, (s) => mdp.stateIds[s]!),
    },
    states,
  }
}
