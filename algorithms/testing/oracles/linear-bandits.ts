import { denseSolve } from '../dense-solve.js'
import { leastSquaresQOracle } from './least-squares-q.js'
import type { Weights } from './linear-q.js'
import type { Recorded, RecordedView, RowOrder } from './recorded-step.js'

/** What is known of an action where an agent stands: its value, and the variance of that for noise of variance 1. */
export interface Belief {
  readonly mean: number
  /** x^T A^-1 x */
  readonly variance: number
}

/**
 * What linear bandits know after a run: ridge regression of the rewards of each agent's actions, one arm an action (Li et al.
 * 2010, algorithm 1, with lambda I instead of I; Agrawal and Goyal 2013, section 2, with an arm's own model). To the bandit of
 * the papers what follows a step is worth nothing; with a discount, as much as `leastSquaresQOracle` says.
 * @returns the weights [agent][action][input], and what is believed of an action there
 */
export function banditOracle(
  recorded: Recorded,
  options: { readonly lambda: number; readonly discount?: number; readonly rows?: RowOrder },
): { readonly weights: Weights[]; readonly belief: (agent: number, action: number, view: RecordedView) => Belief } {
  const { weights, gathered } = leastSquaresQOracle(recorded, { discount: 0, ...options })
  const belief = (agent: number, action: number, { inputs }: RecordedView) => ({
    mean: dot(weights[agent]![action]!, inputs),
    variance: dot(denseSolve(gathered.a[agent]![action]!, [...inputs]), inputs),
  })
  return { weights, belief }
}

/** LinUCB's score of an action: theta.x + alpha sqrt(x^T A^-1 x) (Li et al. 2010, algorithm 1, line 9). */
export function linUcbScore({ mean, variance }: Belief, alpha: number): number {
  return mean + alpha * Math.sqrt(variance)
}

/**
 * Thompson sampling's score of an action: theta.x with theta drawn from N(mean, v^2 A^-1) (Agrawal and Goyal 2013, algorithm 1),
 * which is normal with the mean of x and v^2 x^T A^-1 x.
 * @param normal - a draw from N(0, 1)
 */
export function thompsonScore({ mean, variance }: Belief, v: number, normal: number): number {
  return mean + v * Math.sqrt(variance) * normal
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j]!, 0)
}
