import type { Json } from '#env/env.js'
import { StateError } from '#env/errors.js'
import type { Rng, RngState } from '#env/rng.js'
import type { LearnerState } from '../learner.js'

/** State of a learner that is a table, a step count and a generator. */
export function saveTable(values: Float64Array, step: number, rng: Rng): LearnerState {
  return { arrays: { values: values.slice() }, data: { step, rng: rng.saveState() as unknown as Json } }
}

/** Loads what `saveTable` saved and returns the step count. @throws StateError when the table's size differs */
export function loadTable(state: LearnerState, values: Float64Array, rng: Rng): number {
  const saved = state.arrays.values
  const { step } = state.data
  if (!(saved instanceof Float64Array) || saved.length !== values.length || typeof step !== 'number') {
    throw new StateError(`saved learner: expected a table of ${values.length} values, got ${saved?.length ?? 'none'}`)
  }
  rng.loadState(state.data.rng as unknown as RngState)
  values.set(saved)
  return step
}
