import { actsOn, agentDiscount, highestLegal, newTables, type Recorded, type Taken, takenIn } from './recorded-step.js'

/**
 * n-step SARSA and n-step Q-learning off a recorded trace (Sutton and Barto 2018, section 7.2; with the highest value at the far
 * end instead of the next action's: Watkins 1989, Mnih et al. 2016, algorithm S2, for tables). The pair taken n steps ago moves
 * towards r_1 + d_1 (r_2 + d_2 (... r_n + d_n V)), with d = gamma^elapsed of each step.
 *
 * A trace is one agent's in one row. It ends where its episode does and where the agent acts no more; all pairs still waiting then
 * move, the oldest first, each towards what came until then and, after a truncation, the value of what follows. All targets of a
 * step are taken from the values before it.
 * @param options - `nextAction`: a' for SARSA, asked for where the agent acts on; without it the highest value stands there
 */
export function nStepOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly n: number
    readonly initialValue?: number
    readonly nextAction?: (taken: Taken) => number
  },
): number[][][] {
  const { discount, rate, n, initialValue = 0, nextAction } = options
  const q = newTables(recorded, initialValue)
  const traces = new Map<string, { id: number; action: number; reward: number; next: number }[]>()
  recorded.steps.forEach((_, step) => {
    const moves: { entries: number[]; action: number; target: number }[] = []
    for (const taken of takenIn(recorded, step)) {
      const { row, agent, whole, part } = taken
      const key = `${row} ${agent}`
      const trace = traces.get(key) ?? []
      traces.set(key, trace)
      const next = agentDiscount(whole, agent, discount)
      trace.push({ id: part.before.id, action: part.action, reward: part.reward, next })
      const table = q[agent]!
      const far = () =>
        nextAction === undefined ? highestLegal(table, part.after) : table[part.after.id]![nextAction(taken)]!
      const value = actsOn(whole, agent) ? far() : 0
      const over = whole.ended || !actsOn(whole, agent)
      const due = over ? trace.length : trace.length === n ? 1 : 0
      for (let k = 0; k < due; k++) {
        const target = trace.slice(k).reduceRight((rest, one) => one.reward + one.next * rest, value)
        moves.push({ entries: table[trace[k]!.id]!, action: trace[k]!.action, target })
      }
      trace.splice(0, due)
    }
    for (const { entries, action, target } of moves) entries[action]! += rate * (target - entries[action]!)
  })
  return q
}
