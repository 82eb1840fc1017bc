import { denseSolve } from '../dense-solve.js'
import { highestLinear, type Weights, zeroWeights } from './linear-q.js'
import { agentDiscount, learningGroups, type Recorded, type RowOrder, toldOf } from './recorded-step.js'

/** What ridge regression of each agent's actions has gathered: A = lambda I + sum x x^T and b = sum x y. */
export interface Gathered {
  /** [agent][action] */
  readonly a: number[][][][]
  /** [agent][action] */
  readonly b: number[][][]
}

/**
 * Q-learning by recursive least squares (Bradtke and Barto 1996, section 5, with the highest value of what follows): the weights
 * of an action are the ridge solution, intercept included, of all its steps so far, each with the target
 * r + gamma^elapsed max_b w_b.x' of the moment when it was taken in. Solved anew, densely, after every step of all rows.
 * With discount 0 it is what the linear bandits know of their arms.
 * @returns weights [agent][action][input], and what they are solved from
 */
export function leastSquaresQOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly lambda: number
    readonly rows?: RowOrder
    readonly feedback?: 'bandit' | 'full'
  },
): { readonly weights: Weights[]; readonly gathered: Gathered } {
  const { discount, lambda, rows = 'together', feedback = 'bandit' } = options
  const weights = zeroWeights(recorded)
  const gathered = nothingGathered(weights, lambda)
  recorded.steps.forEach((_, step) => {
    for (const taken of learningGroups(recorded, step, rows)) {
      const told = taken.flatMap((one) => toldOf(one, feedback))
      const targets = told.map(({ taken: { agent, whole, part }, reward, followed }) => {
        const next = followed ? agentDiscount(whole, agent, discount) : 0
        return reward + (next === 0 ? 0 : next * highestLinear(weights[agent]!, part.after))
      })
      told.forEach(({ taken: { agent, part }, action }, k) => {
        gather(gathered, agent, action, part.before.inputs, targets[k]!)
      })
      for (const {
        taken: { agent },
        action,
      } of told) {
        weights[agent]![action] = denseSolve(gathered.a[agent]![action]!, gathered.b[agent]![action]!)
      }
    }
  })
  return { weights, gathered }
}

/** A = lambda I and b = 0 for the actions of all agents. */
export function nothingGathered(weights: readonly Weights[], lambda: number): Gathered {
  return {
    a: weights.map((actions) => actions.map((w) => w.map((_, i) => w.map((__, j) => (i === j ? lambda : 0))))),
    b: weights.map((actions) => actions.map((w) => w.map(() => 0))),
  }
}

function gather({ a, b }: Gathered, agent: number, action: number, x: readonly number[], y: number): void {
  x.forEach((xi, i) => {
    x.forEach((xj, j) => {
      a[agent]![action]![i]![j]! += xi * xj
    })
    b[agent]![action]![i]! += xi * y
  })
}
