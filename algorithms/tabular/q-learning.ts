import { SpaceError } from '#env/errors.js'
import { defineLearner } from '../learner.js'
import { IndependentLearner } from './independent-learner.js'
import { type LearningConfig, learningConfig } from './learning-config.js'

/** Q-learning (Watkins 1989) of a single agent. Deviations: none. */
export const qLearning = defineLearner<LearningConfig>({
  name: 'q-learning',
  aliases: ['q'],
  summary: 'Q-learning of a single agent on its observation',
  version: '2',
  observes: 'ids',
  schema: learningConfig,
  create: (context, config) => {
    const { agents, id } = context.spec
    if (agents.length !== 1) {
      throw new SpaceError(
        `q-learning: ${id} has ${agents.length} agents, expected 1; use joint-action-q or independent-q`,
      )
    }
    return new IndependentLearner(context, { ...config, negativeFactor: 1 })
  },
})
