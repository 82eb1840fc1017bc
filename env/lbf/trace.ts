import { z } from 'zod'
import type { TraceContract } from '../trace/trace-contract.js'

const thing = z.strictObject({
  row: z.int().min(0).describe('0 at the north'),
  col: z.int().min(0).describe('0 at the west'),
  level: z.int().min(1),
})

/** An agent or an item of food. */
export type Thing = z.infer<typeof thing>

/** The start of an episode. */
export const lbfInitial = z.strictObject({ agents: z.array(thing), food: z.array(thing) })

/** The state after a step; `food` is what is left, row by row. */
export const lbfState = z
  .strictObject({
    agents: z.array(thing.partial()),
    food: z.array(thing.partial()),
    spawnedFoodLevels: z.int().min(0),
    stepsTaken: z.int().min(0),
  })
  .partial()

/** Nothing is drawn in a step. */
export const lbfTrace: TraceContract = { initial: lbfInitial, state: lbfState, events: null }
