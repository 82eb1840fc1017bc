import { ShapeError } from '#env/errors.js'
import type { EnvSpec } from '#env/spec.js'
import type { AgentViews } from '#env/transition-batch.js'

/**
 * Holds a user's environment to its numbers of observations and states, which tables are indexed by: one out of range would
 * change the entries of others. Environments that ship are held to them by their tests.
 * @param terminated - u8 [E], rows that ended by the environment's own rules: nobody reads what follows there
 * @throws ShapeError naming row, agent and number
 */
export function checkNumbers(spec: EnvSpec, views: AgentViews, terminated?: Uint8Array): void {
  const { size, alive, observationId, stateId } = views
  const n = spec.agents.length
  for (let row = 0; row < size; row++) {
    if (terminated?.[row] === 1) continue
    for (let i = 0; i < n; i++) {
      const { name, numObservations } = spec.agents[i]!
      const number = observationId[row * n + i]!
      if (numObservations < 1 || alive[row * n + i] !== 1 || isIndex(number, numObservations)) continue
      refuse(spec, row, `agent "${name}" sees observation ${number}`, numObservations)
    }
    if (spec.numStates < 1 || isIndex(stateId[row]!, spec.numStates)) continue
    refuse(spec, row, `it is in state ${stateId[row]}`, spec.numStates)
  }
}

function isIndex(number: number, count: number): boolean {
  return number >= 0 && number < count
}

function refuse({ id }: EnvSpec, row: number, what: string, count: number): never {
  throw new ShapeError(`${id}, row ${row}: ${what}, expected 0 to ${count - 1}; see spec, or run cadre check`)
}
