import { z } from 'zod'

export const gamblerConfig = z
  .strictObject({
    goal: z.int().min(2).max(2000).default(100).describe('capital at which the gambler has won, dollars'),
    headProbability: z.number().min(0).max(1).default(0.4).describe('probability that the coin comes up heads'),
    allowZero: z
      .boolean()
      .default(true)
      .describe('whether a stake of 0 is legal, as in the book; without it every episode comes to an end'),
    start: z
      .union([z.literal('uniform'), z.int().min(1)])
      .default('uniform')
      .describe('capital at which an episode starts, dollars, or uniform = any below the goal'),
    limitSteps: z
      .int()
      .min(1)
      .nullable()
      .default(1000)
      .describe('steps after which an episode is truncated; null = never'),
  })
  .superRefine(({ goal, start }, context) => {
    if (start === 'uniform' || start < goal) return
    context.addIssue({ code: 'custom', path: ['start'], message: `capital ${start} lies outside 1..${goal - 1}` })
  })

export type GamblerConfig = z.infer<typeof gamblerConfig>
