import { Rng } from '#env/rng.js'
import type { VectorEnv } from '#env/vector-env.js'
import type { Learner, LearnerContext, LearnerEntry } from '../learner.js'

/** What a learner of all agents of some environments is made from. */
export function contextFor(env: VectorEnv, more: Partial<LearnerContext> = {}): LearnerContext {
  const { spec, size: rows } = env
  const agents = spec.agents.map((_, i) => i)
  return { spec, agents, discount: 0.9, totalSteps: 1000, rows, rng: new Rng('learner'), ...more }
}

/** A learner on arrays, of those that are made at once. @param settings - its own; or a config already parsed */
export function makeLearner(entry: LearnerEntry, context: LearnerContext, settings: object = {}): Learner {
  const learner = entry.forms.arrays!(context, entry.schema.parse(settings))
  if (learner instanceof Promise) throw new Error(`${entry.name} takes time to be made; await forms.arrays`)
  return learner
}

/** Steps of the trainer's loop. @param actions - of the environment's shape */
export function trainFor(env: VectorEnv, learner: Learner, vectorSteps: number, actions = actionsFor(env)): void {
  for (let k = 0; k < vectorSteps; k++) {
    learner.act(env.current, actions)
    learner.update(env.step(actions))
  }
}

/** Room for the actions of all rows. */
export function actionsFor({ size, layout }: VectorEnv): Int32Array {
  return new Int32Array(size * layout.actionsOf.length)
}
