import { z } from 'zod'

export const cliffWalkingConfig = z.strictObject({
  slippery: z.boolean().default(false).describe('whether a move goes at right angles with probability 2/3'),
  limitSteps: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('steps after which an episode is truncated; null = never, as in the original'),
})

export type CliffWalkingConfig = z.infer<typeof cliffWalkingConfig>
