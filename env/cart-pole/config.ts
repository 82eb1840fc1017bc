import { z } from 'zod'

export const cartPoleConfig = z.strictObject({
  maxSteps: z
    .int()
    .min(1)
    .nullable()
    .default(500)
    .describe('steps after which an episode ends; null = never (CartPole-v0 had 200)'),
  limitAs: z
    .enum(['truncated', 'terminated'])
    .default('truncated')
    .describe('which flag the end at the limit sets; truncated keeps the value of the last state'),
})

export type CartPoleConfig = z.infer<typeof cartPoleConfig>
