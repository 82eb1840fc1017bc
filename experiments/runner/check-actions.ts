import { IllegalActionError } from '#env/errors.js'
import { isActing } from '#env/space.js'
import type { VectorEnv } from '#env/vector-env.js'

/**
 * Holds a learner to its mask, where it or the environment is a user's; those that ship are held to it by their tests.
 * @param actions - i32 [E, N, H]; of agents that don't act 0 or -1
 * @param who - what chose them
 * @throws IllegalActionError naming row, agent and action
 */
export function checkActions({ current, layout, spec }: VectorEnv, actions: Int32Array, who = 'learner'): void {
  const { heads, numActions, actionsOf } = layout
  for (let c = 0; c < actions.length; c++) {
    const action = actions[c]!
    const place = c % actionsOf.length
    const from = c * numActions
    if (action >= 0 && action < actionsOf[place]! && current.mask[from + action] === 1) continue
    if ((action === 0 || action === -1) && !isActing(current.mask, from, numActions)) continue
    const legal = Array.from({ length: actionsOf[place]! }, (_, a) => a).filter((a) => current.mask[from + a] === 1)
    const row = Math.floor(c / actionsOf.length)
    const name = spec.agents[Math.floor(place / heads)]!.name
    throw new IllegalActionError(
      `row ${row}, agent "${name}": the ${who} chose action ${action}, legal are ${legal.length === 0 ? '0, as it does not act' : legal.join(', ')}; choose within the mask. If the ${who} does, one number may stand for two masks: run cadre check on the environment`,
    )
  }
}
