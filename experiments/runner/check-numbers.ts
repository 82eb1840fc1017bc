import { ShapeError } from '#env/errors.js'
import { isActing } from '#env/space.js'
import type { VectorEnv } from '#env/vector-env.js'

/**
 * Holds a user's environment to its numbers of observations and states, which tables are indexed by: one out of range would
 * change the entries of others. Environments that ship are held to them by their tests.
 * @throws ShapeError naming row, agent and number
 */
export function checkNumbers(env: VectorEnv): void {
  const { agents, numActions, actionsOf } = env.layout
  const { spec, mask, observationId, stateId } = env
  for (let k = 0; k < observationId.length; k++) {
    const i = k % agents
    const { name, numObservations } = spec.agents[i]!
    const number = observationId[k]!
    if (numObservations < 1 || (number >= 0 && number < numObservations)) continue
    if (!isActing(mask, k * numActions, actionsOf[i]!)) continue
    refuse(env, Math.floor(k / agents), `agent "${name}" sees observation ${number}`, numObservations)
  }
  if (spec.numStates < 1) return
  for (let row = 0; row < env.size; row++) {
    const number = stateId[row]!
    if (number < 0 || number >= spec.numStates) refuse(env, row, `it is in state ${number}`, spec.numStates)
  }
}

function refuse({ spec }: VectorEnv, row: number, what: string, count: number): never {
  throw new ShapeError(`${spec.id}, row ${row}: ${what}, expected 0 to ${count - 1}; see spec, or run cadre check`)
}
