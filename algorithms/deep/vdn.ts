import { z } from 'zod'
import { defineLearner } from '../learner.js'
import { EpisodeDraws } from './replay/draws.js'
import type { Mixing } from './temporal-difference.js'
import { epymarlConfig, rateConfig } from './value-config.js'
import { ValueLearner } from './value-learner.js'

const vdnConfig = z.strictObject({ ...epymarlConfig, learningRate: rateConfig(5e-4, 'EPyMARL: 0.0005') })

/** Equation 2 of the paper: Q(s, a) = sum_i Q_i(o_i, a_i). */
const sum: Mixing = { streams: 'team', readsState: false, mix: (graph, chosen) => graph.sum(chosen, [1]) }

/**
 * Value decomposition (Sunehag et al. 2018): the team's value is the sum of its agents' values, each of what the agent sees itself; it is
 * learned from the team's reward, as the environment's score has it. An agent that doesn't act adds nothing. Deviations from EPyMARL:
 * feed-forward, 64-64; rewards aren't standardised; a step cut off at a time limit is no end.
 */
export const vdn = defineLearner<z.infer<typeof vdnConfig>>({
  name: 'vdn',
  aliases: ['value-decomposition'],
  summary: "the team's value as the sum of its agents' values by networks",
  version: '1',
  schema: vdnConfig,
  needs: () => ({ state: false }),
  forms: {
    arrays: (context, config) =>
      new ValueLearner(
        context,
        config,
        sum,
        (shape) => new EpisodeDraws(shape, config.replay, context.spec.limitSteps),
      ),
  },
})
