import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import type { LearnerContext } from '../learner.js'
import { type ScheduleConfig, scheduleAt } from '../schedule.js'
import type { LearningConfig } from './learning-config.js'
import { OneStepLearner } from './one-step-learner.js'

/** What Q-learners share, independent and hysteretic. */
export interface IndependentRates extends LearningConfig {
  /** Factor on the step size where the temporal-difference error is negative; 1 makes plain Q-learning. */
  readonly negativeFactor: ScheduleConfig
}

/**
 * One-step Q-learning of every agent for itself (Watkins 1989; Tan 1993): each sees its own observation and treats the
 * others as part of the world. Every agent that acted learns from the step, forced actions and its last one included.
 *
 *     target = r + discount * max_a' Q_i(o', a')
 *     Q_i(o, a) += hystereticRate(target - Q_i(o, a)) * (target - Q_i(o, a))
 *
 * The maximum runs over the actions legal in o'. So the rows can be worked on at once, and in tensors (algorithms/tensor)
 * they are.
 */
export class IndependentLearner extends OneStepLearner {
  readonly #rates: IndependentRates
  #rate = 0
  #negativeRate = 0

  constructor(context: LearnerContext, rates: IndependentRates) {
    super(context, rates)
    this.#rates = rates
  }

  protected override beginUpdate(rate: number): void {
    this.#rate = rate
    this.#negativeRate = rate * scheduleAt(this.#rates.negativeFactor, this.step, this.context.totalSteps)
  }

  protected override nextValue({ after }: TransitionBatch, c: number, nextRow: number): number {
    const { width } = this.tables
    return greedyValue(this.values, nextRow, after.mask, c * width, width)
  }

  protected override stepSize(error: number): number {
    return hystereticRate(error, this.#rate, this.#negativeRate)
  }
}

/**
 * The step size of hysteretic Q-learning (Matignon et al. 2007, section IV): alpha for good news, beta for bad.
 * @param error - target less value, reward units
 */
export function hystereticRate(error: number, alpha: number, beta: number): number {
  return error < 0 ? beta : alpha
}
