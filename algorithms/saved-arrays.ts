import { StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Rng, RngState } from '#env/rng.js'
import type { LearnerState, NumberArray } from './learner.js'

/** State of a learner that is some arrays, a step count and a generator. */
export function saveArrays(arrays: { readonly [name: string]: NumberArray }, step: number, rng: Rng): LearnerState {
  return { arrays, data: { step, rng: rng.saveState() as unknown as Json } }
}

/**
 * Copies what `saveArrays` saved over arrays of equal name, and returns the step count.
 * @throws StateError when one is absent, or of another type or length; nothing is written then
 */
export function loadArrays(state: LearnerState, into: { readonly [name: string]: NumberArray }, rng: Rng): number {
  const { step } = state.data
  if (typeof step !== 'number') throw new StateError('saved learner: expected a number of steps, got none')
  restoreArrays(state.arrays, into)
  rng.loadState(state.data.rng as unknown as RngState)
  return step
}

/**
 * Copies saved arrays over those of equal name, type and length.
 * @throws StateError when one is absent or differs; nothing is written then
 */
export function restoreArrays(saved: LearnerState['arrays'], into: { readonly [name: string]: NumberArray }): void {
  for (const [name, array] of Object.entries(into)) {
    const from = Object.hasOwn(saved, name) ? saved[name] : undefined
    if (from === undefined || from.constructor !== array.constructor || from.length !== array.length) {
      throw new StateError(
        `saved learner: expected ${array.length} numbers in "${name}", got ${from?.length ?? 'none'}; it was saved by another learner or with other settings`,
      )
    }
  }
  for (const [name, array] of Object.entries(into)) array.set(saved[name]!)
}
