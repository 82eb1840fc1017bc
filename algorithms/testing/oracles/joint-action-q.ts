import {
  highest,
  type Rate,
  type Recorded,
  type RecordedRow,
  rateAt,
  teamDiscount,
  teamReward,
} from './recorded-step.js'

/** A joint table, and the entries that nothing says anything about. */
export interface JointTable {
  /** [state][joint action], the last agent's action fastest. */
  readonly q: readonly (readonly number[])[]
  /** Whether the team acted in a state: elsewhere illegal joint actions may or may not be -Infinity already. */
  readonly acted: readonly boolean[]
}

/**
 * Q-learning over joint actions on the full state (joint action learners in a team: Claus and Boutilier 1998, section 2; Littman
 * 1994 with one reward): Q(s, a) += rate (R + gamma^elapsed max_b Q(s', b) - Q(s, a)) with the team's score R. Whoever doesn't
 * act takes part with action 0. Joint actions that a state doesn't allow are -Infinity once the team has acted there.
 */
export function jointActionQOracle(
  recorded: Recorded,
  options: { readonly discount: number; readonly rate: Rate; readonly initialValue?: number },
): JointTable {
  const { discount, rate, initialValue = 0 } = options
  const jointActions = recorded.actions.reduce((product, count) => product * count, 1)
  const q = Array.from({ length: recorded.states }, () => new Array<number>(jointActions).fill(initialValue))
  const acted = new Array<boolean>(recorded.states).fill(false)
  for (const [step, rows] of recorded.steps.entries()) {
    for (const row of rows) {
      acted[row.stateId] = true
      const legal = legalJointActions(recorded, row, 'before')
      q[row.stateId] = q[row.stateId]!.map((value, joint) => (legal.includes(joint) ? value : Number.NEGATIVE_INFINITY))
    }
    const targets = rows.map((row) => {
      const next = teamDiscount(row, discount)
      if (next === 0) return teamReward(recorded, row)
      const values = legalJointActions(recorded, row, 'after').map((joint) => q[row.nextStateId]![joint]!)
      return teamReward(recorded, row) + next * highest(values)
    })
    rows.forEach((row, k) => {
      const joint = jointIndex(
        recorded,
        row.agents.map(({ before, action }) => (before.acts ? action : 0)),
      )
      q[row.stateId]![joint]! += rateAt(rate, step) * (targets[k]! - q[row.stateId]![joint]!)
    })
  }
  return { q, acted }
}

function jointIndex({ actions }: Recorded, parts: readonly number[]): number {
  return parts.reduce((index, part, i) => index * actions[i]! + part, 0)
}

function legalJointActions(recorded: Recorded, row: RecordedRow, when: 'before' | 'after'): number[] {
  let parts: number[][] = [[]]
  for (const agent of row.agents) {
    const view = agent[when]
    parts = parts.flatMap((start) => (view.acts ? view.legal : [0]).map((action) => [...start, action]))
  }
  return parts.map((joint) => jointIndex(recorded, joint))
}
