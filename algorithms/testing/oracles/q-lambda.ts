import { actsOn, agentDiscount, highestLegal, newTables, type Recorded, takenIn } from './recorded-step.js'

/**
 * Watkins's Q(lambda) (Watkins 1989, chapter 7; Sutton and Barto 1998, figure 7.14; 2018, section 12.10): one-step errors of
 * Q-learning move every pair in proportion to its trace. A trace is one agent's in one row; it grows by 1 (`accumulating`) or is
 * set to 1 (`replacing`) where its pair is taken, and shrinks by gamma^elapsed lambda with every step. All of it is cut before
 * an action that wasn't greedy when it was taken, at the end of an episode, and where the agent leaves.
 *
 * A trace may hold the `longest` pairs met last only.
 *
 * The targets of a step are taken from the values before it; then row after row, agent after agent, the error is what
 * that target is off the value as it stands (so lambda 0 is Q-learning), and all pairs of the trace move by it.
 */
export function qLambdaOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly lambda: number
    readonly traces: 'accumulating' | 'replacing'
    readonly initialValue?: number
    readonly longest?: number
  },
): number[][][] {
  const { discount, rate, lambda, traces: kind, initialValue = 0, longest = Number.POSITIVE_INFINITY } = options
  const q = newTables(recorded, initialValue)
  const traces = new Map<string, number[][]>()
  /** Pairs [observation, action] of each trace, in the order in which they were met last. */
  const met = new Map<string, [number, number][]>()
  recorded.steps.forEach((_, step) => {
    const moves = takenIn(recorded, step).map((taken) => {
      const { agent, whole, part } = taken
      const next = agentDiscount(whole, agent, discount)
      return {
        ...taken,
        next,
        target: part.reward + (next === 0 ? 0 : next * highestLegal(q[agent]!, part.after)),
        greedy: q[agent]![part.before.id]![part.action]! === highestLegal(q[agent]!, part.before),
      }
    })
    for (const { row, agent, whole, part, next, target, greedy } of moves) {
      const key = `${row} ${agent}`
      const table = q[agent]!
      const none = table.map((entries) => entries.map(() => 0))
      const trace = greedy ? (traces.get(key) ?? none) : none
      const { id } = part.before
      trace[id]![part.action] = kind === 'replacing' ? 1 : trace[id]![part.action]! + 1
      const others = (met.get(key) ?? []).filter(([o, a]) => trace[o]![a]! > 0 && (o !== id || a !== part.action))
      for (const [o, a] of others.splice(0, Math.max(0, others.length + 1 - longest))) trace[o]![a] = 0
      met.set(key, [...others, [id, part.action]])
      const error = target - table[id]![part.action]!
      const over = whole.ended || !actsOn(whole, agent)
      trace.forEach((weights, o) => {
        weights.forEach((weight, a) => {
          table[o]![a]! += rate * error * weight
          weights[a] = over ? 0 : weight * next * lambda
        })
      })
      traces.set(key, trace)
    }
  })
  return q
}
