import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner } from '../learner.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { OneStepLearner } from './one-step-learner.js'

/**
 * Distributed Q-learning (Lauer and Riedmiller 2000, section 4): every agent believes that the others play their part as well as
 * they can, so that values only rise.
 *
 *     Q_i(o, a) <- max(Q_i(o, a), r + discount * max_a' Q_i(o', a'))
 *
 * Right for teams with one reward where outcomes are certain; luck is taken for skill where they aren't. Start below what can
 * be earned (`initialValue`). Deviations: the step may be shorter than the whole way (`learningRate` below 1); the policy is
 * the greedy one, not the table of the paper that changes only where a value has risen: agents with several joint optima to
 * choose from may mix them.
 */
class DistributedLearner extends OneStepLearner {
  #rate = 1

  protected override beginUpdate(rate: number): void {
    this.#rate = rate
  }

  protected override nextValue({ after }: TransitionBatch, c: number, nextRow: number): number {
    const { width } = this.tables
    return greedyValue(this.values, nextRow, after.mask, c * width, width)
  }

  protected override stepSize(error: number): number {
    return error > 0 ? this.#rate : 0
  }
}

const distributedConfig = learningConfig.extend({ learningRate: learningConfig.shape.learningRate.unwrap().default(1) })

export const distributedQ = defineLearner<LearningConfig>({
  name: 'distributed-q',
  aliases: [],
  summary: 'optimistic independent learners: values only rise; for teams whose outcomes are certain',
  version: '1',
  needs: readsNumbers,
  schema: distributedConfig,
  forms: { arrays: (context, config) => new DistributedLearner(context, config) },
})
