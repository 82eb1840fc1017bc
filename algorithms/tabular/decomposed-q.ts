import { z } from 'zod'
import { defineLearner } from '../learner.js'
import { AuctionLearner } from './auction-learner.js'
import { DecomposedLearner } from './decomposed-learner.js'
import { learningConfig, readsNumbers } from './learning-config.js'

const decomposedConfig = learningConfig.extend({
  execute: z
    .enum(['greedy', 'auction'])
    .default('greedy')
    .describe(
      'greedy: each agent takes its best action; auction: the agent whose best action is worth most more than passing (action 0) takes it, the others pass, and the team explores as one',
    ),
})

/**
 * Value decomposition in tables (VDN, Sunehag et al. 2017): the team's value is a sum, Q(s, a) = sum_i Q_i(o_i, a_i), learned from
 * the team's reward by one error that all of its parts share. Each agent's best action is then its part of the best joint
 * action of the sum.
 *
 *     delta = R + discount * sum_i max_a' Q_i(o_i', a') - sum_i Q_i(o_i, a_i);  Q_i(o_i, a_i) += rate * delta
 *
 * Sums run over the choices of the agents that act: those that don't, before or afterwards, add nothing. Of several rows, all
 * targets are of the values before the step; each error is what its target is off the sum as it stands then. Deviations: tables;
 * rewards are those of a team, aggregated as the environment's score says.
 *
 * Executed as an auction it is contract net (Smith 1980) with learned bids: at most one agent does more than pass, the one of the
 * highest positive bid Q_i(o_i, a) - Q_i(o_i, pass), and the target is of such joint actions. Each of n parts then moves by
 * rate / n.
 */
export const decomposedQ = defineLearner<z.infer<typeof decomposedConfig>>({
  name: 'decomposed-q',
  aliases: ['vdn-tabular'],
  summary: "one value of the team, a sum of the agents' tables, learned by one shared error; greedy, or as an auction",
  version: '1',
  needs: readsNumbers,
  schema: decomposedConfig,
  forms: {
    arrays: (context, config) =>
      config.execute === 'auction' ? new AuctionLearner(context, config) : new DecomposedLearner(context, config),
  },
})
