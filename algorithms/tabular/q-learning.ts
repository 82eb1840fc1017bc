import { SpaceError } from '#env/errors.js'
import { defineLearner, type LearnerContext } from '../learner.js'
import { TensorIndependentQ } from '../tensor/tensor-independent-q.js'
import { IndependentLearner } from './independent-learner.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'

/** Q-learning (Watkins 1989) of a single agent. Deviations: none. */
export const qLearning = defineLearner<LearningConfig>({
  name: 'q-learning',
  aliases: ['q'],
  summary: 'Q-learning of a single agent on its observation',
  version: '2',
  needs: readsNumbers,
  schema: learningConfig,
  forms: {
    arrays: (context, config) => {
      checkAlone(context)
      return new IndependentLearner(context, { ...config, negativeFactor: 1 })
    },
    tensors: (contexts, config, backend) => {
      contexts.forEach(checkAlone)
      return new TensorIndependentQ(contexts, { ...config, negativeFactor: 1 }, backend)
    },
  },
})

/** @throws SpaceError when it is to learn for several agents */
function checkAlone({ spec: { id }, agents }: LearnerContext): void {
  if (agents.length === 1) return
  throw new SpaceError(`q-learning: ${id} has ${agents.length} agents, expected 1; use joint-action-q or independent-q`)
}
