import { z } from 'zod'
import { defineLearner } from '../learner.js'
import { EpisodeDraws } from './replay/draws.js'
import type { Mixing } from './temporal-difference.js'
import { epymarlConfig, rateConfig } from './value-config.js'
import { ValueLearner } from './value-learner.js'

const iqlConfig = z.strictObject({ ...epymarlConfig, learningRate: rateConfig(3e-4, 'EPyMARL: 0.0003') })

/** Each learns what it earns itself. */
const apart: Mixing = { streams: 'agents', readsState: false, mix: (_, chosen) => chosen }

/**
 * Independent Q-learning by networks (Tan 1993; Mnih et al. 2015): every agent learns from its own rewards as if the others were part of
 * the world. Agents that are alike share a network. Deviations from EPyMARL: feed-forward, 64-64 in place of a GRU of 128; rewards aren't standardised; a step cut off at
 * a time limit is no end.
 */
export const iql = defineLearner<z.infer<typeof iqlConfig>>({
  name: 'iql',
  aliases: ['independent-dqn'],
  summary: 'independent Q-learning by networks, shared by agents that are alike',
  version: '1',
  schema: iqlConfig,
  needs: () => ({ state: false }),
  forms: {
    arrays: (context, config) =>
      new ValueLearner(
        context,
        config,
        apart,
        (shape) => new EpisodeDraws(shape, config.replay, context.spec.limitSteps),
      ),
  },
})
