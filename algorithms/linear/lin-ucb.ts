import type { z } from 'zod'
import { defineLearner } from '../learner.js'
import { scheduleWithin } from '../schedule.js'
import { banditExceptions } from './bandit-exceptions.js'
import { feedbackConfig, needs } from './learning-config.js'
import { leastSquaresConfig, leastSquaresEstimator } from './least-squares-estimator.js'
import { OnlineLearner } from './online-learner.js'

const linUcbConfig = leastSquaresConfig.extend({
  feedback: feedbackConfig,
  alpha: scheduleWithin(0, 1e6)
    .default(0.5)
    .describe('width of the bound in standard deviations for noise of variance 1, or its schedule'),
})

/**
 * LinUCB with disjoint models (Li et al. 2010, algorithm 1): takes the action of the largest Q + alpha sqrt(x^T P_a x).
 * Deviations: P starts at I / lambda instead of I; a diagonal covariance for wide features; beyond one step, targets
 * bootstrap.
 */
export const linUcb = defineLearner<z.infer<typeof linUcbConfig>>({
  name: 'lin-ucb',
  aliases: ['linucb'],
  summary: 'linear bandit that takes the action of highest upper confidence bound',
  version: '2',
  schema: linUcbConfig,
  needs,
  exceptions: banditExceptions,
  forms: {
    arrays: (context, config) =>
      new OnlineLearner(context, { rule: 'bound', amount: config.alpha }, (input, actions) =>
        leastSquaresEstimator(input, actions, config),
      ),
  },
})
