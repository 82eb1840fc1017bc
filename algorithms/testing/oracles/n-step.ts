import {
  actsOn,
  agentDiscount,
  bestLegal,
  highestLegal,
  newTables,
  type Recorded,
  type RecordedView,
  type Taken,
  takenIn,
} from './recorded-step.js'

/** A pair taken, what it earned, what counts of the value after it, and what was seen then. */
interface Step {
  readonly id: number
  readonly action: number
  readonly reward: number
  readonly next: number
  readonly after: RecordedView
}

/**
 * n-step SARSA and n-step Q-learning off a recorded trace (Sutton and Barto 2018, section 7.2; with the highest value at the far
 * end instead of the next action's: Watkins 1989, Mnih et al. 2016, algorithm S2, for tables). The pair taken n steps ago moves
 * towards r_1 + d_1 (r_2 + d_2 (... r_n + d_n V)), with d = gamma^elapsed of each step.
 *
 * A trace is one agent's in one row. It ends where its episode does, where the agent acts no more, and with the run; all pairs still
 * waiting then move, the oldest first, each towards what came until then and, where the agent would have gone on, the value of what
 * follows. All targets of a step are taken from the values before it.
 * @param options - `nextAction`: a' for SARSA, asked for where the agent acts on; without it the highest value stands there.
 * `tree`: the tree-backup algorithm (Precup, Sutton and Singh 2000; Sutton and Barto 2018, equation 7.16) with a greedy target
 * policy pi: instead of the return from s' on stands sum_a pi(a | s') times that return for the action taken, and Q(s', a) for
 * any other
 */
export function nStepOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly n: number
    readonly initialValue?: number
    readonly nextAction?: (taken: Taken) => number
    readonly tree?: boolean
  },
): number[][][] {
  const { discount, rate, n, initialValue = 0, nextAction, tree = false } = options
  const q = newTables(recorded, initialValue)
  const traces = new Map<string, { trace: Step[]; last: Taken }>()
  /** What the k-th pair of a trace is moved towards. */
  const targetOf = (trace: readonly Step[], k: number, agent: number, value: number): number => {
    const { reward, next, after } = trace[k]!
    if (k === trace.length - 1) return reward + next * value
    const going = targetOf(trace, k + 1, agent, value)
    if (!tree) return reward + next * going
    const taken = trace[k + 1]!.action
    const target = bestLegal(q[agent]!, after)
    const expected = after.legal.reduce((sum, a) => {
      const probability = a === target ? 1 : 0
      return sum + probability * (a === taken ? going : q[agent]![after.id]![a]!)
    }, 0)
    return reward + next * expected
  }
  type Move = { readonly entries: number[]; readonly action: number; readonly target: number }
  const movesOf = (trace: readonly Step[], { agent, whole }: Taken, due: number, far: () => number): Move[] => {
    const value = actsOn(whole, agent) ? far() : 0
    return trace.slice(0, due).map(({ id, action }, k) => {
      return { entries: q[agent]![id]!, action, target: targetOf(trace, k, agent, value) }
    })
  }
  const make = (moves: readonly Move[]) => {
    for (const { entries, action, target } of moves) entries[action]! += rate * (target - entries[action]!)
  }
  recorded.steps.forEach((_, step) => {
    const moves: Move[] = []
    for (const taken of takenIn(recorded, step)) {
      const { row, agent, whole, part } = taken
      const key = `${row} ${agent}`
      const trace = traces.get(key)?.trace ?? []
      traces.set(key, { trace, last: taken })
      const next = agentDiscount(whole, agent, discount)
      trace.push({ id: part.before.id, action: part.action, reward: part.reward, next, after: part.after })
      const table = q[agent]!
      const far = () =>
        nextAction === undefined ? highestLegal(table, part.after) : table[part.after.id]![nextAction(taken)]!
      const over = whole.ended || !actsOn(whole, agent)
      const due = over ? trace.length : trace.length === n ? 1 : 0
      if (due > 0) moves.push(...movesOf(trace, taken, due, far))
      trace.splice(0, due)
    }
    make(moves)
  })
  const left = [...traces.values()].sort((a, b) => a.last.row - b.last.row || a.last.agent - b.last.agent)
  make(
    left.flatMap(({ trace, last }) =>
      movesOf(trace, last, trace.length, () => highestLegal(q[last.agent]!, last.part.after)),
    ),
  )
  return q
}
