import { z } from 'zod'
import { SpaceError } from '#env/errors.js'
import { defineLearner, type LearnerEntry } from '../learner.js'
import { loadGraphPolicy } from './graph-policy.js'
import { type Network, networkConfig } from './network.js'
import { engineConfig } from './open-engine.js'
import { TransitionDraws, transitionsConfig } from './replay/draws.js'
import type { Mixing } from './temporal-difference.js'
import {
  clipNormConfig,
  doubleConfig,
  explorationConfig,
  lossConfig,
  rateConfig,
  targetConfig,
} from './value-config.js'
import { ValueLearner } from './value-learner.js'

export const dqnConfig = z.strictObject({
  exploration: explorationConfig,
  network: networkConfig.prefault({}),
  double: doubleConfig,
  loss: lossConfig.default('huber'),
  learningRate: rateConfig(5e-4, 'Mnih et al. 2015: RMSprop with 0.00025, for images'),
  clipNorm: clipNormConfig,
  target: targetConfig(200, 'Mnih et al. 2015: a copy every 10,000 updates, for images'),
  replay: transitionsConfig.prefault({}).describe('single steps'),
  engine: engineConfig,
})

type DqnConfig = z.infer<typeof dqnConfig>

/** What the only agent chose is what is learned. */
const alone: Mixing = { streams: 'agents', readsState: false, mix: (_, chosen) => chosen }

/**
 * DQN (Mnih et al. 2015, algorithm 1): Q-learning by a network on steps drawn from a replay memory, with targets by a copy of the network,
 *
 *     y = r + gamma^elapsed max_a' Q'(s', a')
 *
 * over the actions legal in s'; with the double estimate (van Hasselt et al. 2016), a duelling head (`network.duelling`, Wang et al. 2016),
 * n-step targets and prioritised replay (Schaul et al. 2016) as settings. Deviations: Adam in place of RMSprop; the gradient is clipped
 * by its norm; defaults are for small networks. For one agent: several learn by `iql`.
 * @param network - the user's own, in place of what `network` of the settings describes
 */
export function dqnWith(network?: Network): LearnerEntry {
  return defineLearner<DqnConfig>({
    name: 'dqn',
    aliases: ['double-dqn', 'deep-q'],
    summary: 'Q-learning of one agent by a network: double, duelling, n-step and prioritised as settings',
    version: '1',
    schema: dqnConfig,
    needs: () => ({ state: false }),
    forms: {
      arrays: (context, config) => {
        const { spec, agents } = context
        if (agents.length > 1) {
          throw new SpaceError(`dqn: ${spec.id} has ${agents.length} agents to learn for, expected one; use iql`)
        }
        const settings = { ...config, network: network ?? config.network, sharing: 'none', agentIds: false } as const
        return new ValueLearner(context, settings, alone, (shape) => new TransitionDraws(shape, config.replay))
      },
    },
    ...(network === undefined ? {} : { loadPolicy: (stored, spec) => loadGraphPolicy(stored, spec, network) }),
  })
}

export const dqn = dqnWith()
