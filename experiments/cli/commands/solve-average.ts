import type { AverageRewardPlan } from '#algorithms/planning/average-reward.js'
import type { AverageSolution } from './solution.js'
import type { Problem } from './solve-problem.js'

/** What each method of the average is, in words. */
const averageMethods: { readonly [method in AverageRewardPlan['method']]: string } = {
  'relative-value-iteration': 'sweeps of relative values, with bounds on the gain',
  'policy-iteration': 'states mix slowly, so direct solves in place of sweeps, with bounds on the gain',
  multichain: 'the gain of each set of states that can be stayed in, and the best way to them',
}

/** The best reward a step in the long run. @param epsilon - how far it may be off */
export async function solveAverage({ model, spread, counts }: Problem, epsilon: number): Promise<AverageSolution> {
  const { averageReward } = await import('#algorithms/planning/average-reward.js')
  const plan: AverageRewardPlan = averageReward(model, { epsilon })
  const { states, actions, seconds } = counts()
  return {
    gain: plan.gain,
    bounds: { lower: plan.lower, upper: plan.upper },
    gains: spread(plan.gains),
    gainBounds: { lower: spread(plan.lowerGains), upper: spread(plan.upperGains) },
    relativeValue: spread(plan.relativeValue),
    policy: spread(plan.policy),
    iterations: plan.iterations,
    seconds,
    states,
    actions,
    method: plan.method,
    reason: `the average was asked for: ${averageMethods[plan.method]}`,
  }
}
