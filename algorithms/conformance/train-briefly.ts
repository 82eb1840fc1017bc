import type { Env } from '#env/env.js'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Learner, LearnerEntry } from '../learner.js'
import { requireMethods } from './learner-methods.js'

/** A learner in an environment, between two steps. */
export interface Training {
  readonly env: VectorEnv
  readonly learner: Learner
  /** i32 [E, N], of the last step. */
  readonly actions: Int32Array
  /** One step: `seen` is called between acting and the environment's step. */
  step(seen?: () => void): void
}

/**
 * A learner at the beginning of a training: the one place of this folder that knows how learners are made and driven.
 * @throws what the learner's entry throws when it can't serve such an environment
 */
export async function startTraining(
  entry: LearnerEntry,
  config: unknown,
  make: () => Env,
  options: { readonly discount: number; readonly rows: number; readonly steps: number; readonly seed: string },
): Promise<Training> {
  const { discount, rows, steps, seed } = options
  const env = new VectorEnv(make, rows, `${seed}/env`, entry.needs?.(config) ?? {})
  const rng = new Rng(`${seed}/learner`)
  const agents = env.spec.agents.map((_, i) => i)
  const context = { spec: env.spec, agents, discount, totalSteps: rows * steps, rows, rng }
  const learner = requireMethods(entry.name, await entry.forms.arrays!(context, config))
  const actions = new Int32Array(rows * env.layout.actionsOf.length)
  env.reset()
  return {
    env,
    learner,
    actions,
    step(seen) {
      learner.act(env.current, actions)
      seen?.()
      learner.update(env.step(actions))
    },
  }
}
