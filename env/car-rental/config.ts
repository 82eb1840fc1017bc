import { z } from 'zod'

const twoMeans = (first: number, second: number, what: string) =>
  z
    .tuple([z.number().min(0).max(100), z.number().min(0).max(100)])
    .default([first, second])
    .describe(`mean number of ${what} a day at the first and the second location, Poisson`)

export const carRentalConfig = z
  .strictObject({
    maxCars: z.int().min(1).max(40).default(20).describe('cars a location can hold; more go back to the company'),
    maxMoves: z.int().min(0).max(20).default(5).describe('cars that can be moved in a night'),
    requests: twoMeans(3, 4, 'customers who ask for a car'),
    returns: twoMeans(3, 2, 'cars brought back'),
    rentalReward: z.number().default(10).describe('earned with each car rented out, dollars'),
    moveCost: z.number().default(2).describe('paid for each car moved, dollars'),
    start: z
      .union([z.literal('uniform'), z.tuple([z.int().min(0), z.int().min(0)])])
      .default('uniform')
      .describe('cars at the first and the second location as an episode starts, or uniform = any numbers'),
    limitSteps: z
      .int()
      .min(1)
      .nullable()
      .default(100)
      .describe('days after which an episode is truncated; null = never'),
  })
  .superRefine(({ maxCars, start }, context) => {
    if (start === 'uniform' || Math.max(...start) <= maxCars) return
    const message = `[${start.join(', ')}] cars, but a location holds 0..${maxCars}`
    context.addIssue({ code: 'custom', path: ['start'], message })
  })

export type CarRentalConfig = z.infer<typeof carRentalConfig>
