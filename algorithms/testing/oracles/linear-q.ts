import {
  agentDiscount,
  highest,
  learningGroups,
  type Recorded,
  type RecordedView,
  type RowOrder,
  toldOf,
} from './recorded-step.js'

/** Weights of an agent's actions, [action][input]; the last input is the intercept's 1. */
export type Weights = number[][]

/** w.x of an action. */
export function linearValue(weights: Weights, view: RecordedView, action: number): number {
  return view.inputs.reduce((sum, input, j) => sum + input * weights[action]![j]!, 0)
}

/** The highest value of an agent's legal actions there; 0 where it has none. */
export function highestLinear(weights: Weights, view: RecordedView): number {
  return highest(view.legal.map((action) => linearValue(weights, view, action)))
}

/** Weights of 0 for all agents. */
export function zeroWeights({ actions, steps }: Recorded): Weights[] {
  const { agents } = steps[0]![0]!
  return actions.map((count, i) =>
    Array.from({ length: count }, () => new Array<number>(agents[i]!.before.inputs.length).fill(0)),
  )
}

/**
 * Semi-gradient Q-learning with linear values (Sutton and Barto 2018, section 9.3 and equation 11.5 with the highest value):
 * w_a += rate (r + gamma^elapsed max_b w_b.x' - w_a.x) x, each agent by itself. With a penalty, the weight of an input
 * that isn't 0 loses rate penalty w as well, except the intercept.
 * Targets are from the weights before the step (or before the row: `rows`); the value they are held against is as it stands.
 * @returns weights [agent][action][input]
 */
export function linearQOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly penalty?: number
    readonly rows?: RowOrder
    readonly feedback?: 'bandit' | 'full'
  },
): Weights[] {
  const { discount, rate, penalty = 0, rows = 'together', feedback = 'bandit' } = options
  const weights = zeroWeights(recorded)
  recorded.steps.forEach((_, step) => {
    for (const taken of learningGroups(recorded, step, rows)) {
      const told = taken.flatMap((one) => toldOf(one, feedback))
      const targets = told.map(({ taken: { agent, whole, part }, reward, followed }) => {
        const next = followed ? agentDiscount(whole, agent, discount) : 0
        return reward + (next === 0 ? 0 : next * highestLinear(weights[agent]!, part.after))
      })
      told.forEach(({ taken: { agent, part }, action }, k) => {
        const own = weights[agent]![action]!
        const { inputs } = part.before
        const error = targets[k]! - linearValue(weights[agent]!, part.before, action)
        inputs.forEach((input, j) => {
          const shrink = input === 0 || j === inputs.length - 1 ? 0 : penalty * own[j]!
          own[j]! += rate * (error * input - shrink)
        })
      })
    }
  })
  return weights
}
