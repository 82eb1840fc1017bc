import type { z } from 'zod'
import { defineLearner } from '../learner.js'
import { scheduleWithin } from '../schedule.js'
import { banditExceptions } from './bandit-exceptions.js'
import { asksActionRewards, feedbackConfig } from './learning-config.js'
import { leastSquaresConfig, leastSquaresEstimator } from './least-squares-estimator.js'
import { LinearLearner } from './linear-learner.js'
import { OnlineModel } from './online-model.js'

const thompsonConfig = leastSquaresConfig.extend({
  feedback: feedbackConfig,
  spread: scheduleWithin(0, 1e6)
    .default(0.3)
    .describe('standard deviation of the posterior for noise of variance 1, or its schedule'),
})

/**
 * Thompson sampling (Agrawal and Goyal 2013, algorithm 1): takes the action that is best under values drawn from their
 * posteriors N(Q, spread^2 x^T P_a x). Deviations: a model of its own for each action; the spread is given; a diagonal
 * covariance for wide features; beyond one step, targets bootstrap.
 */
export const thompson = defineLearner<z.infer<typeof thompsonConfig>>({
  name: 'thompson',
  aliases: ['thompson-sampling'],
  summary: 'linear bandit that takes the best action under values drawn from their posteriors',
  version: '1',
  schema: thompsonConfig,
  asksActionRewards,
  exceptions: banditExceptions,
  create: (context, config) =>
    new LinearLearner(
      context,
      { rule: 'draw', amount: config.spread },
      (input, actions) => new OnlineModel(input, actions, leastSquaresEstimator(input, actions, config)),
    ),
})
