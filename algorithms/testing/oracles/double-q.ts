import { agentDiscount, bestLegal, newTables, type Recorded, type Taken, takenIn } from './recorded-step.js'

/**
 * Double Q-learning (van Hasselt 2010, algorithm 1), each agent by itself: with probability a half table A moves towards
 * r + gamma^elapsed B(s', argmax_b A(s', b)), else B with the roles exchanged.
 * @param options - `heads`: which coins fell so that the first table moves
 * @returns the two tables, [table][agent][observation][action]
 */
export function doubleQOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly initialValue?: number
    readonly heads: (taken: Taken) => boolean
  },
): [a: number[][][], b: number[][][]] {
  const { discount, rate, initialValue = 0, heads } = options
  const a = newTables(recorded, initialValue)
  const b = newTables(recorded, initialValue)
  recorded.steps.forEach((_, step) => {
    const moves = takenIn(recorded, step).map((taken) => {
      const { agent, whole, part } = taken
      const [own, other] = heads(taken) ? [a, b] : [b, a]
      const next = agentDiscount(whole, agent, discount)
      const best = bestLegal(own[agent]!, part.after)
      const target = part.reward + (next === 0 ? 0 : next * other[agent]![part.after.id]![best]!)
      return { entries: own[agent]![part.before.id]!, action: part.action, target }
    })
    for (const { entries, action, target } of moves) entries[action]! += rate * (target - entries[action]!)
  })
  return [a, b]
}
