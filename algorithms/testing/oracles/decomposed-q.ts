import { highestLegal, newTables, type Recorded, teamDiscount, teamReward } from './recorded-step.js'

/**
 * Value decomposition (Sunehag et al. 2018, section 3) in tables: the team's value is the sum of its agents',
 * Q(s, a) = sum_i Q_i(o_i, a_i), over those who act. One error for all, of the team's reward:
 * R + gamma^elapsed sum_i max_b Q_i(o_i', b) - sum_i Q_i(o_i, a_i); every acting agent's entry moves by rate times it.
 * Targets are from the values before the step; the sum that they are held against is as it stands, row after row.
 * By auction, only one agent does more than action 0, so that what follows is worth the sum of action 0 and the largest gain of any
 * agent over it, if that is positive; and each of the n entries moves by rate / n times the error.
 * @returns tables [agent][observation][action]
 */
export function decomposedQOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly initialValue?: number
    readonly auction?: boolean
  },
): number[][][] {
  const { discount, rate, initialValue = 0, auction = false } = options
  const q = newTables(recorded, initialValue)
  for (const rows of recorded.steps) {
    const targets = rows.map((row) => {
      const next = teamDiscount(row, discount)
      const values = row.agents.map(({ after }, i) => (after.acts ? highestLegal(q[i]!, after) : 0))
      const passing = row.agents.map(({ after }, i) => (after.acts ? q[i]![after.id]![0]! : 0))
      const sum = (numbers: readonly number[]) => numbers.reduce((all, value) => all + value, 0)
      const worth = auction ? sum(passing) + Math.max(...values.map((value, i) => value - passing[i]!)) : sum(values)
      return teamReward(recorded, row) + (next === 0 ? 0 : next * worth)
    })
    rows.forEach((row, k) => {
      const entries = row.agents.flatMap(({ before, action }, i) =>
        before.acts ? [{ values: q[i]![before.id]!, action }] : [],
      )
      const error = targets[k]! - entries.reduce((sum, { values, action }) => sum + values[action]!, 0)
      for (const { values, action } of entries) values[action]! += (auction ? rate / entries.length : rate) * error
    })
  }
  return q
}
