import { z } from 'zod'

export const forestConfig = z
  .strictObject({
    states: z.int().min(2).max(1_000_000).default(3).describe('ages of the forest, 0..states-1'),
    waitReward: z.number().default(4).describe('reward of waiting in the oldest forest'),
    cutReward: z
      .number()
      .default(2)
      .describe('reward of cutting the oldest forest; a younger one is worth 1, the youngest 0'),
    fireProbability: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('probability that a fire burns down a forest left alone'),
    start: z
      .union([z.literal('uniform'), z.int().min(0)])
      .default('uniform')
      .describe('age at which an episode starts, or uniform = any'),
    limitSteps: z
      .int()
      .min(1)
      .nullable()
      .default(100)
      .describe('steps after which an episode is truncated; null = never'),
  })
  .superRefine(({ states, start }, context) => {
    if (start === 'uniform' || start < states) return
    context.addIssue({ code: 'custom', path: ['start'], message: `age ${start} lies outside 0..${states - 1}` })
  })

export type ForestConfig = z.infer<typeof forestConfig>
