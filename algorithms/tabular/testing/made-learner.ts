import { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import type { Learner, LearnerContext, LearnerEntry } from '../../learner.js'
import { makeLearner } from '../../testing/make-learner.js'

/** A learner for all agents of a made spec: discount 0.5, step size 0.5, one row, unless told. */
export function madeLearner(
  entry: LearnerEntry,
  spec: EnvSpec,
  settings: object = {},
  more: Partial<LearnerContext> = {},
): Learner {
  const agents = spec.agents.map((_, i) => i)
  const context = { spec, agents, discount: 0.5, totalSteps: 10, rows: 1, rng: new Rng('made'), ...more }
  return makeLearner(entry, context, { learningRate: 0.5, ...settings })
}

/** A learner's array of that name, as plain numbers. */
export function arrayOf(learner: Pick<Learner, 'saveState'>, name: string): number[] {
  return [...learner.saveState().arrays[name]!]
}
