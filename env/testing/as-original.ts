import type { OutcomeTable } from '../mdp/table-env.js'

type Outcome = readonly [probability: number, next: number, reward: number, terminated: boolean]

/** Transitions as Gymnasium's toy text has them: state, action, outcomes. */
export type Transitions = { readonly [state: string]: { readonly [action: string]: readonly Outcome[] } }

/** A table as the original writes it. */
export function asOriginal(table: OutcomeTable): Transitions {
  const outcomes = (row: number): Outcome[] =>
    Array.from({ length: table.rowStart[row + 1]! - table.rowStart[row]! }, (_, i) => {
      const k = table.rowStart[row]! + i
      const next = table.successor[k]!
      return [table.probability[k]!, next, table.reward[k]!, table.terminal[next] === 1]
    })
  const { numStates, actionLabels } = table
  const states = Array.from({ length: numStates }, (_, s) => s)
  return Object.fromEntries(
    states.map((s) => [s, Object.fromEntries(actionLabels.map((_, a) => [a, outcomes(s * actionLabels.length + a)]))]),
  )
}
