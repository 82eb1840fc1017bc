import { z } from 'zod'

export const taxiConfig = z.strictObject({
  rainProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'probability that a move which nothing blocks goes sideways instead, half to each side; 0.2 is the rainy taxi of the original',
    ),
  fickleProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'probability that a passenger changes destination when first driven away from a depot; 0.3 is the fickle passenger of the original',
    ),
  limitSteps: z
    .int()
    .min(1)
    .nullable()
    .default(200)
    .describe('steps after which an episode is truncated; null = never'),
})

export type TaxiConfig = z.infer<typeof taxiConfig>
