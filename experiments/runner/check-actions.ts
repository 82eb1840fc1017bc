import { IllegalActionError } from '#env/errors.js'
import { isActing } from '#env/space.js'
import type { VectorEnv } from '#env/vector-env.js'

/**
 * Holds a user's learner to its mask; those that ship are held to it by their tests.
 * @param actions - i32 [E, N]
 * @throws IllegalActionError naming row, agent and action
 */
export function checkActions(env: VectorEnv, actions: Int32Array): void {
  const { agents, numActions, actionsOf } = env.layout
  for (let k = 0; k < actions.length; k++) {
    const action = actions[k]!
    const i = k % agents
    if (action >= 0 && action < actionsOf[i]! && env.mask[k * numActions + action] === 1) continue
    if (action === 0 && !isActing(env.mask, k * numActions, actionsOf[i]!)) continue
    const legal = Array.from({ length: actionsOf[i]! }, (_, a) => a).filter((a) => env.mask[k * numActions + a] === 1)
    throw new IllegalActionError(
      `row ${Math.floor(k / agents)}, agent "${env.spec.agents[i]!.name}": the learner chose action ${action}, legal are ${legal.join(', ')}; choose within the mask`,
    )
  }
}
