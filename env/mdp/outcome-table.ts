import type { OutcomeTable } from './table-env.js'

/** Adds an outcome of the state and action at hand. */
export type AddOutcome = (successor: number, probability: number, reward: number) => void

/** Rules from which a table can be written out. */
export interface TableRules {
  readonly numStates: number
  readonly actionLabels: readonly string[]
  /** States whose entering ends the episode. */
  readonly ends: readonly number[]
  /** States an episode starts in, each equally likely. */
  readonly starts: readonly number[]
  /** Every outcome of an action in a state; none where it is illegal. Asked once for each state and action, ends included. */
  outcomes(state: number, action: number, add: AddOutcome): void
}

/** The table of an environment's rules. */
export function outcomeTable(rules: TableRules): OutcomeTable {
  const { numStates, actionLabels } = rules
  const rowStart = new Int32Array(numStates * actionLabels.length + 1)
  const successor: number[] = []
  const probability: number[] = []
  const reward: number[] = []
  const add: AddOutcome = (next, chance, earned) => {
    if (chance === 0) return
    successor.push(next)
    probability.push(chance)
    reward.push(earned)
  }
  for (let state = 0, row = 0; state < numStates; state++) {
    for (let action = 0; action < actionLabels.length; action++) {
      rules.outcomes(state, action, add)
      rowStart[++row] = successor.length
    }
  }
  const terminal = new Uint8Array(numStates)
  for (const state of rules.ends) terminal[state] = 1
  const start = new Float64Array(numStates)
  for (const state of rules.starts) start[state]! += 1 / rules.starts.length
  return {
    numStates,
    actionLabels,
    rowStart,
    successor: Int32Array.from(successor),
    probability: Float64Array.from(probability),
    reward: Float64Array.from(reward),
    terminal,
    start,
  }
}
