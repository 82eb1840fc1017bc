import { agentDiscount, highestLegal, newTables, type Recorded, type Taken, takenIn } from './recorded-step.js'

/**
 * SARSA (Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4): Q(s, a) += rate (r + gamma^elapsed Q(s', a') - Q(s, a)).
 * @param options - `nextAction`: a', asked for only where the agent acts on
 */
export function sarsaOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly initialValue?: number
    readonly nextAction: (taken: Taken) => number
  },
): number[][][] {
  const { nextAction, ...rest } = options
  return onPolicy(recorded, rest, (table, taken) => table[taken.part.after.id]![nextAction(taken)]!)
}

/**
 * Expected SARSA (van Seijen et al. 2009; Sutton and Barto 2018, equation 6.9) of an epsilon-greedy policy: the value of s' is
 * (1 - epsilon) times that of its best legal action and epsilon times the mean of the legal ones.
 */
export function expectedSarsaOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly initialValue?: number
    readonly epsilon: number
  },
): number[][][] {
  const { epsilon, ...rest } = options
  return onPolicy(recorded, rest, (table, { part: { after } }) => {
    const mean = after.legal.reduce((sum, action) => sum + table[after.id]![action]!, 0) / after.legal.length
    return (1 - epsilon) * highestLegal(table, after) + epsilon * mean
  })
}

function onPolicy(
  recorded: Recorded,
  options: { readonly discount: number; readonly rate: number; readonly initialValue?: number },
  valueOfNext: (table: readonly (readonly number[])[], taken: Taken) => number,
): number[][][] {
  const q = newTables(recorded, options.initialValue ?? 0)
  recorded.steps.forEach((_, step) => {
    const taken = takenIn(recorded, step)
    const targets = taken.map((one) => {
      const next = agentDiscount(one.whole, one.agent, options.discount)
      return one.part.reward + (next === 0 ? 0 : next * valueOfNext(q[one.agent]!, one))
    })
    taken.forEach(({ agent, part }, k) => {
      const entries = q[agent]![part.before.id]!
      entries[part.action]! += options.rate * (targets[k]! - entries[part.action]!)
    })
  })
  return q
}
