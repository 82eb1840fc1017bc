import { highestLegal, newTables, type Recorded, teamDiscount, teamReward } from './recorded-step.js'

/**
 * Value decomposition (Sunehag et al. 2018, section 3) in tables: the team's value is the sum of its agents',
 * Q(s, a) = sum_i Q_i(o_i, a_i), over those who act. One error for all, of the team's reward:
 * R + gamma^elapsed sum_i max_b Q_i(o_i', b) - sum_i Q_i(o_i, a_i); every acting agent's entry moves by rate times it.
 * Targets are from the values before the step; the sum that they are held against is as it stands, row after row.
 * @returns tables [agent][observation][action]
 */
export function decomposedQOracle(
  recorded: Recorded,
  options: { readonly discount: number; readonly rate: number; readonly initialValue?: number },
): number[][][] {
  const { discount, rate, initialValue = 0 } = options
  const q = newTables(recorded, initialValue)
  for (const rows of recorded.steps) {
    const targets = rows.map((row) => {
      const next = teamDiscount(row, discount)
      const values = row.agents.map(({ after }, i) => (after.acts ? highestLegal(q[i]!, after) : 0))
      return teamReward(recorded, row) + (next === 0 ? 0 : next * values.reduce((sum, value) => sum + value, 0))
    })
    rows.forEach((row, k) => {
      const entries = row.agents.flatMap(({ before, action }, i) =>
        before.acts ? [{ values: q[i]![before.id]!, action }] : [],
      )
      const error = targets[k]! - entries.reduce((sum, { values, action }) => sum + values[action]!, 0)
      for (const { values, action } of entries) values[action]! += rate * error
    })
  }
  return q
}
