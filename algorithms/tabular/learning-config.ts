import { z } from 'zod'
import type { SlotNeeds } from '#env/slot.js'
import { scheduleWithin } from '../schedule.js'

/** Settings that every one-step tabular learner has. */
export const learningConfig = z.strictObject({
  learningRate: scheduleWithin(0, 1)
    .default({ kind: 'geometric', from: 0.3, to: 0.003, until: 1 })
    .describe('step size, or its schedule over the steps'),
  exploration: scheduleWithin(0, 1)
    .default({ kind: 'linear', from: 1, to: 0.05, until: 0.8 })
    .describe('probability of a uniformly random legal action, or its schedule'),
  initialValue: z.number().default(0).describe('value of every entry at the start, reward units'),
})

export type LearningConfig = z.infer<typeof learningConfig>

/** What learners on tables read: numbers of observations and states only. */
export function readsNumbers(): SlotNeeds {
  return { observation: false, state: false }
}
