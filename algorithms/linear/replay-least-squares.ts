import { z } from 'zod'
import { defineLearner } from '../learner.js'
import { lambdaConfig } from '../regression/choose-lambda.js'
import { explorationConfig, feedbackConfig, needs } from './learning-config.js'
import { ReplayLearner } from './replay-learner.js'

const replayConfig = z.strictObject({
  feedback: feedbackConfig,
  exploration: explorationConfig,
  lambda: lambdaConfig.default(5),
  repeats: z
    .enum(['average', 'count'])
    .default('average')
    .describe('average: what was seen several times counts once, with its mean target; count: as often as it was seen'),
  firstFit: z.int().min(1).default(64).describe('steps of an agent before the first fit'),
  growth: z.number().gt(1).max(100).default(1.5).describe('fits again when it has seen this many times as many steps'),
  sweeps: z.int().min(1).max(1000).default(10).describe('most rounds of new targets and fits where targets bootstrap'),
  tolerance: z
    .number()
    .gt(0)
    .max(0.1)
    .default(1e-6)
    .describe('size of the gradient, against its first, that ends the last fit; those before it end at 0.001'),
  capacity: z.int().min(1).default(1_000_000).describe('steps remembered by an agent; the oldest are forgotten'),
})

/**
 * Fitted Q iteration with ridge regression (Ernst et al. 2005, figure 1): all steps seen are remembered, and each action's
 * values are fitted to them again as they grow and at the end. For episodes of one step it is the batch solution that
 * recursive least squares comes to. Deviations: fits start from the last weights and grow rare as data grow; what was seen
 * several times is one row; the intercept is not penalised; `lambda: auto` is picked inside what it has seen.
 */
export const replayLeastSquares = defineLearner<z.infer<typeof replayConfig>>({
  name: 'replay-least-squares',
  aliases: ['fitted-q'],
  summary: 'linear values by ridge regression on all steps remembered, fitted again as they grow',
  version: '2',
  schema: replayConfig,
  needs,
  forms: {
    arrays: (context, config) =>
      new ReplayLearner(
        context,
        { rule: 'epsilon-greedy', amount: config.exploration },
        config.feedback === 'full',
        config,
      ),
  },
})
