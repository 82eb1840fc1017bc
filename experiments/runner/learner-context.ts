import type { LearnerContext } from '#algorithms/learner.js'
import { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import type { TrialPlan } from '../plan/trial-plan.js'

/** What a trial's learner is made from. @param spec - of its environment */
export function learnerContext({ seed, steps, rows, discount }: TrialPlan, spec: EnvSpec): LearnerContext {
  const totalSteps = Math.ceil(steps / rows) * rows
  const agents = spec.agents.map((_, i) => i)
  return { spec, agents, discount, totalSteps, rows, rng: new Rng(`${seed}/learner`) }
}
