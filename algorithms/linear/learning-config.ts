import { z } from 'zod'
import type { SlotNeeds } from '#env/slot.js'
import { scheduleWithin } from '../schedule.js'

/** Which rewards a learner sees. */
export const feedbackConfig = z
  .enum(['bandit', 'full'])
  .default('bandit')
  .describe(
    'bandit: learns from what the chosen action earned; full: from what the others would have earned too, where known',
  )

/** Probability of trying something at random, for epsilon-greedy learners. */
export const explorationConfig = scheduleWithin(0, 1)
  .default({ kind: 'linear', from: 1, to: 0.05, until: 0.8 })
  .describe('probability of a uniformly random legal action, or its schedule')

/** What linear learners read: everything, and the rewards of actions not taken in the full regime only. */
export function needs({ feedback }: { readonly feedback: 'bandit' | 'full' }): SlotNeeds {
  return { actionReward: feedback === 'full' }
}
