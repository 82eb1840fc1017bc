import type { Learner } from '#algorithms/learner.js'
import type { Env } from '#env/env.js'
import type { Policy } from '#env/policy.js'
import { PolicyMemoryRows } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import type { SlotNeeds } from '#env/slot.js'
import { VectorEnv } from '#env/vector-env.js'
import { checkActions } from '../runner/check-actions.js'
import { checkNumbers } from '../runner/check-numbers.js'

/** Seed of what is played only to see that it can be. */
const SEED = 'try-out'

/** Resets an environment, and takes one step with each agent's first legal actions. @throws what it throws */
export function takeFirstStep(make: () => Env): void {
  const env = started(make, 1, {})
  const { mask, layout } = env.current
  const actions = Int32Array.from(layout.actionsOf, (_, c) => {
    const first = mask.subarray(c * layout.numActions, (c + 1) * layout.numActions).indexOf(1)
    return Math.max(0, first)
  })
  step(env, actions)
}

/** Lets a learner choose once and learn from what comes. @param rows - those that it was made for. @throws what it throws */
export async function learnFirstStep(
  make: () => Env,
  learner: Learner,
  rows: number,
  needs: SlotNeeds = {},
): Promise<void> {
  const env = started(make, rows, needs)
  const actions = new Int32Array(rows * env.layout.actionsOf.length)
  await learner.act(env.current, actions)
  checkActions(env, actions)
  step(env, actions)
  await learner.update(env.transition)
}

/** Lets a policy choose once. @throws what it throws */
export function actFirstStep(make: () => Env, policy: Policy): void {
  const env = started(make, 1, {})
  const memory = new PolicyMemoryRows(policy, env.layout, 1)
  const actions = new Int32Array(env.layout.actionsOf.length)
  const remembered = policy.memory === undefined ? {} : { memory: memory.values }
  policy.act({ ...env.current, ...remembered }, new Rng(SEED), actions)
  checkActions(env, actions, 'policy')
}

function started(make: () => Env, rows: number, needs: SlotNeeds): VectorEnv {
  const env = new VectorEnv(make, rows, SEED, needs)
  env.reset()
  checkNumbers(env.spec, env.current)
  return env
}

function step(env: VectorEnv, actions: Int32Array): void {
  env.step(actions)
  checkNumbers(env.spec, env.transition.after, env.transition.terminated)
}
