import type { z } from 'zod'
import { defineLearner } from '../learner.js'
import { scheduleWithin } from '../schedule.js'
import { banditExceptions } from './bandit-exceptions.js'
import { feedbackConfig, needs } from './learning-config.js'
import { leastSquaresConfig, leastSquaresEstimator } from './least-squares-estimator.js'
import { OnlineLearner } from './online-learner.js'

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
  version: '2',
  schema: thompsonConfig,
  needs,
  exceptions: banditExceptions,
  forms: {
    arrays: (context, config) =>
      new OnlineLearner(context, { rule: 'draw', amount: config.spread }, (input, actions) =>
        leastSquaresEstimator(input, actions, config),
      ),
  },
})
