import { z } from 'zod'
import { scheduleWithin } from '../schedule.js'
import { agentIdsConfig, sharingConfig } from './agent-groups.js'
import { networkConfig } from './network.js'
import { engineConfig } from './open-engine.js'
import { episodesConfig } from './replay/draws.js'

/** Settings that learners of values by networks share; each gives its own defaults. */
export const explorationConfig = scheduleWithin(0, 1)
  .default({ kind: 'linear', from: 1, to: 0.05, until: 0.1 })
  .describe(
    'probability of a uniformly random legal action, or its schedule (EPyMARL: 1 to 0.05 over 50,000 to 200,000 of 2 million steps)',
  )

export const clipNormConfig = z
  .number()
  .gt(0)
  .nullable()
  .default(10)
  .describe('longest gradient, of all parameters together; null: not clipped (EPyMARL: 10)')

export const lossConfig = z
  .enum(['huber', 'squared'])
  .describe('of an error: its square, or half its square up to 1 and linear beyond')

export const doubleConfig = z
  .boolean()
  .default(true)
  .describe('the network says what is best, the target network what that is worth (van Hasselt et al. 2016)')

export function rateConfig(rate: number, source: string) {
  return scheduleWithin(0, 1)
    .refine(
      (schedule) => (typeof schedule === 'number' ? schedule > 0 : schedule.from > 0 && schedule.to > 0),
      'expected rates above 0',
    )
    .default(rate)
    .describe(`of Adam, or its schedule (${source})`)
}

export function targetConfig(every: number, source: string) {
  return z
    .union([
      z.strictObject({ every: z.int().min(1).describe('updates from one copy to the next') }),
      z.strictObject({
        rate: z
          .number()
          .gt(0)
          .max(1)
          .describe('share of the way that targets go at every update (Lillicrap et al. 2016)'),
      }),
    ])
    .default({ every })
    .describe(`how the target network follows (${source})`)
}

/** Settings of EPyMARL's off-policy learners (algs/*.yaml), in which theirs agree. */
export const epymarlConfig = {
  exploration: explorationConfig,
  network: networkConfig.prefault({}),
  sharing: sharingConfig,
  agentIds: agentIdsConfig,
  double: doubleConfig,
  loss: lossConfig.default('squared'),
  clipNorm: clipNormConfig,
  target: targetConfig(200, 'EPyMARL: a copy every 200 updates'),
  replay: episodesConfig.prefault({}).describe('whole episodes'),
  engine: engineConfig,
}
