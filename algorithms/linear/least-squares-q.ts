import type { z } from 'zod'
import { defineLearner } from '../learner.js'
import { explorationConfig, feedbackConfig, needs } from './learning-config.js'
import { leastSquaresConfig, leastSquaresEstimator } from './least-squares-estimator.js'
import { OnlineLearner } from './online-learner.js'

const leastSquaresQConfig = leastSquaresConfig.extend({ feedback: feedbackConfig, exploration: explorationConfig })

/**
 * Linear Q by recursive least squares (Bradtke and Barto 1996, section 4, for values of actions): each target is one more
 * row of a regression. Deviation: targets that bootstrap are not taken back when values change, so that with episodes of
 * several steps early ones count for ever; replay-least-squares forms them anew.
 */
export const leastSquaresQ = defineLearner<z.infer<typeof leastSquaresQConfig>>({
  name: 'least-squares-q',
  aliases: ['rls-q'],
  summary: 'linear values by recursive least squares, exact for few features, diagonal for many',
  version: '2',
  schema: leastSquaresQConfig,
  needs,
  forms: {
    arrays: (context, config) =>
      new OnlineLearner(context, { rule: 'epsilon-greedy', amount: config.exploration }, (input, actions) =>
        leastSquaresEstimator(input, actions, config),
      ),
  },
})
