import { z } from 'zod'

/** Most outcomes a problem may have: 36 bytes each. */
const MAX_OUTCOMES = 20_000_000

export const garnetConfig = z
  .strictObject({
    states: z.int().min(1).max(1_000_000).default(100).describe('number of states'),
    actions: z.int().min(1).max(1000).default(4).describe('number of actions'),
    branching: z.int().min(1).default(3).describe('successors of each state and action, at most states'),
    seed: z.int().min(0).default(0).describe('which problem: equal settings and seeds give equal problems'),
    limitSteps: z
      .int()
      .min(1)
      .nullable()
      .default(100)
      .describe('steps after which an episode is truncated; null = never'),
  })
  .superRefine(({ states, actions, branching }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['branching'], message })
    if (branching > states) refuse(`${branching} different successors, but only ${states} states; lower it`)
    const outcomes = states * actions * branching
    if (outcomes > MAX_OUTCOMES) {
      refuse(
        `states * actions * branching = ${outcomes} outcomes of 36 bytes each, at most ${MAX_OUTCOMES} (0.72 GB); lower one of them`,
      )
    }
  })

export type GarnetConfig = z.infer<typeof garnetConfig>
