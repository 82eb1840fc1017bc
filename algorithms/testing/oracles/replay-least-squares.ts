import { denseSolve } from '../dense-solve.js'
import { highestLinear, type Weights, zeroWeights } from './linear-q.js'
import { agentDiscount, type Recorded, type Taken, takenIn } from './recorded-step.js'

/**
 * Fitted Q iteration (Ernst, Geurts and Wehenkel 2005, figure 1) with ridge regression: all of an agent's remembered steps get
 * the target r + gamma^elapsed max_b Q(x', b) of the fit before, are fitted again, action by action, and so on until
 * nothing moves. Weights are penalised by lambda, the intercept isn't.
 *
 * `average`: steps of one agent, action and equal inputs count once, with their mean target; `count`: each by itself.
 * Dense normal equations, from zero, to the fixed point: a learner that stops earlier agrees as far as it went.
 * @param options - `upTo`: how many of its steps, in order, an agent remembers at its last fit
 * @returns weights [agent][action][input]
 */
export function replayLeastSquaresOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly lambda: number
    readonly repeats: 'average' | 'count'
    readonly upTo?: (agent: number) => number
  },
): Weights[] {
  const { discount, lambda, repeats, upTo = () => Number.POSITIVE_INFINITY } = options
  return zeroWeights(recorded).map((zero, agent) => {
    const memory = recorded.steps.flatMap((_, step) => takenIn(recorded, step).filter((one) => one.agent === agent))
    const kept = memory.slice(0, upTo(agent))
    let weights = zero
    for (let sweep = 0; sweep < 10_000; sweep++) {
      const next = zero.map((none, action) => {
        const rows = kept.filter(({ part }) => part.action === action)
        return rows.length === 0 ? none : ridge(rowsOf(rows, weights, discount, repeats), lambda)
      })
      const moved = Math.max(...next.flatMap((row, a) => row.map((value, j) => Math.abs(value - weights[a]![j]!))))
      weights = next
      if (moved < 1e-14) break
    }
    return weights
  })
}

interface Row {
  readonly x: readonly number[]
  readonly y: number
}

function rowsOf(rows: readonly Taken[], weights: Weights, discount: number, repeats: 'average' | 'count'): Row[] {
  const all = rows.map(({ agent, whole, part }) => {
    const next = agentDiscount(whole, agent, discount)
    return { x: part.before.inputs, y: part.reward + (next === 0 ? 0 : next * highestLinear(weights, part.after)) }
  })
  if (repeats === 'count') return all
  const groups = new Map<string, Row[]>()
  for (const row of all) groups.set(row.x.join(), [...(groups.get(row.x.join()) ?? []), row])
  return [...groups.values()].map((group) => ({
    x: group[0]!.x,
    y: group.reduce((sum, { y }) => sum + y, 0) / group.length,
  }))
}

/** (X^T X + lambda I) w = X^T y, without lambda in the last place, the intercept's. */
function ridge(rows: readonly Row[], lambda: number): number[] {
  const width = rows[0]!.x.length
  const inputs = Array.from({ length: width }, (_, i) => i)
  const a = inputs.map((i) =>
    inputs.map((j) => rows.reduce((sum, { x }) => sum + x[i]! * x[j]!, i === j && i < width - 1 ? lambda : 0)),
  )
  return denseSolve(
    a,
    inputs.map((i) => rows.reduce((sum, { x, y }) => sum + x[i]! * y, 0)),
  )
}
