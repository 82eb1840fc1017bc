import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner } from '../learner.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { OneStepLearner } from './one-step-learner.js'

/**
 * The expected value of an epsilon-greedy choice among n actions; 0 where none is legal.
 * @param row - where their values begin
 * @param mask - u8, 1 = legal; the choice's part begins at `maskRow`
 */
export function epsilonGreedyValue(
  values: Float64Array,
  row: number,
  mask: Uint8Array,
  maskRow: number,
  n: number,
  epsilon: number,
): number {
  let sum = 0
  let legal = 0
  for (let a = 0; a < n; a++) {
    if (mask[maskRow + a] !== 1) continue
    sum += values[row + a]!
    legal++
  }
  return legal === 0 ? 0 : (epsilon * sum) / legal + (1 - epsilon) * greedyValue(values, row, mask, maskRow, n)
}

/**
 * Expected SARSA (van Seijen et al. 2009, algorithm 1; Sutton and Barto 2018, equation 6.9), every agent for itself: the value of
 * what follows is what the exploring policy itself would earn, with the exploration of the moment.
 *
 *     Q(o, a) += rate * (r + discount * sum_a' pi(a' | o') Q(o', a') - Q(o, a))
 *
 * Deviations: none.
 */
class ExpectedSarsaLearner extends OneStepLearner {
  #rate = 0
  #epsilon = 0

  protected override beginUpdate(rate: number): void {
    this.#rate = rate
    this.#epsilon = this.epsilon()
  }

  protected override nextValue({ after }: TransitionBatch, c: number, nextRow: number): number {
    const { width } = this.tables
    return epsilonGreedyValue(this.values, nextRow, after.mask, c * width, width, this.#epsilon)
  }

  protected override stepSize(): number {
    return this.#rate
  }
}

export const expectedSarsa = defineLearner<LearningConfig>({
  name: 'expected-sarsa',
  aliases: [],
  summary: 'learns what its own exploring policy is worth, by the expectation over its next action',
  version: '1',
  needs: readsNumbers,
  schema: learningConfig,
  forms: { arrays: (context, config) => new ExpectedSarsaLearner(context, config) },
})
