import type { LearnerState } from '../learner.js'

/** A state as a checkpoint keeps it: arrays by their bytes, data through JSON. */
export function throughBytes({ arrays, data, added = {} }: LearnerState): LearnerState {
  const copies = (some: LearnerState['arrays']) =>
    Object.fromEntries(Object.entries(some).map(([name, array]) => [name, array.slice()]))
  const state = { arrays: copies(arrays), data: JSON.parse(JSON.stringify(data)) as LearnerState['data'] }
  return Object.keys(added).length === 0 ? state : { ...state, added: copies(added) }
}
