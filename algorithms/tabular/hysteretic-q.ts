import type { z } from 'zod'
import { defineLearner } from '../learner.js'
import { scheduleWithin } from '../schedule.js'
import { TensorIndependentQ } from '../tensor/tensor-independent-q.js'
import { IndependentLearner } from './independent-learner.js'
import { learningConfig, readsNumbers } from './learning-config.js'

const hystereticConfig = learningConfig.extend({
  negativeFactor: scheduleWithin(0, 1)
    .default({ kind: 'linear', from: 0.5, to: 1, until: 1 })
    .describe(
      'step size for negative errors as a fraction of learningRate; below 1 makes agents optimistic about each other',
    ),
})

/**
 * Hysteretic Q-learning (Matignon et al. 2007, section IV): bad news is believed more slowly than good, so that an
 * agent isn't discouraged by others' exploration. Deviation: the negative rate is given as a factor (beta / alpha) with
 * a schedule; annealed to 1 it loses the optimism that random rewards punish. A fixed factor is the paper's.
 */
export const hystereticQ = defineLearner<z.infer<typeof hystereticConfig>>({
  name: 'hysteretic-q',
  aliases: [],
  summary: 'independent learners that believe bad news more slowly than good',
  version: '2',
  needs: readsNumbers,
  schema: hystereticConfig,
  forms: {
    arrays: (context, config) => new IndependentLearner(context, config),
    tensors: (contexts, config, backend) => new TensorIndependentQ(contexts, config, backend),
  },
})
