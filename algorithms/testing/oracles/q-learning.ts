import { agentDiscount, highestLegal, newTables, type Rate, type Recorded, rateAt, takenIn } from './recorded-step.js'

/**
 * Q-learning (Watkins 1989, chapter 7; Watkins and Dayan 1992, equation 1), each agent by itself on its own observation
 * (Tan 1993): Q(s, a) += rate (r + gamma^elapsed max_b Q(s', b) - Q(s, a)).
 * Two step sizes make it hysteretic (Matignon, Laurent and Le Fort-Piat 2007, section IV): `rate` for news at least as good as
 * expected, `negativeRate` for worse. All rows of a step take their targets from the values before it, and whether the news is
 * good is told by those too.
 * @returns tables [agent][observation][action]
 */
export function qLearningOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: Rate
    readonly negativeRate?: Rate
    readonly initialValue?: number
  },
): number[][][] {
  const { discount, rate, negativeRate = rate, initialValue = 0 } = options
  const q = newTables(recorded, initialValue)
  recorded.steps.forEach((_, step) => {
    const taken = takenIn(recorded, step)
    const targets = taken.map(({ agent, whole, part }) => {
      const next = agentDiscount(whole, agent, discount)
      const target = part.reward + (next === 0 ? 0 : next * highestLegal(q[agent]!, part.after))
      return { target, good: target >= q[agent]![part.before.id]![part.action]! }
    })
    taken.forEach(({ agent, part }, k) => {
      const entries = q[agent]![part.before.id]!
      const { target, good } = targets[k]!
      entries[part.action]! += rateAt(good ? rate : negativeRate, step) * (target - entries[part.action]!)
    })
  })
  return q
}
