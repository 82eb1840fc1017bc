import { defineLearner } from '../learner.js'
import { TensorIndependentQ } from '../tensor/tensor-independent-q.js'
import { IndependentLearner } from './independent-learner.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'

/** Independent Q-learning (Tan 1993): every agent learns for itself. Deviations: none. */
export const independentQ = defineLearner<LearningConfig>({
  name: 'independent-q',
  aliases: ['iql-tabular'],
  summary: 'each agent learns its own table and treats the others as part of the world',
  version: '2',
  needs: readsNumbers,
  schema: learningConfig,
  forms: {
    arrays: (context, config) => new IndependentLearner(context, { ...config, negativeFactor: 1 }),
    tensors: (contexts, config, backend) => new TensorIndependentQ(contexts, { ...config, negativeFactor: 1 }, backend),
  },
})
