import { StateError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { LearnerState } from '../learner.js'

/** One agent's step as its model learns from it: views into a batch, valid during the call. One object, used over and over. */
export interface Experience {
  /** Sparse features of the environment, where it has them. */
  features: SparseMatrix | undefined
  /** What the agent saw when it chose: a row of `features` (-1 = none), and its part of `observation`. */
  featureRow: number
  observation: Float32Array
  observationAt: number
  action: number
  reward: number
  /** gamma^elapsed; 0 after termination */
  discount: number
  /** What it saw afterwards, and what was legal then. */
  nextFeatureRow: number
  nextObservation: Float32Array
  nextObservationAt: number
  nextMask: Uint8Array
  nextMaskAt: number
  /** What each action would have earned, NaN where unknown; its part begins at `actionRewardAt`. Empty in the bandit regime. */
  actionReward: Float64Array
  actionRewardAt: number
}

/** Arrays by name, as learners save them. */
export type SavedArrays = LearnerState['arrays']

/** How one agent's linear values are learned: the part in which linear learners differ. */
export interface AgentModel {
  /** f64 [actions, columns + 1], the intercept last; changed in place, the same array for good. */
  readonly weights: Float64Array
  /** x^T P_a x >= 0: how unsure Q(x, action) is, for noise of variance 1. Needed by exploration by bound or draw. */
  variance?(x: SparseMatrix, action: number): number
  learn(experience: Experience): void
  /**
   * Called once every agent of every row learned.
   * @param features - of the environment, where it has them
   * @param last - whether training ends here
   */
  endStep?(features: SparseMatrix | undefined, last: boolean): void
  /** Everything learned. */
  save(): SavedArrays
  /** @throws StateError when the arrays don't fit */
  load(arrays: SavedArrays): void
}

/** Copies of arrays by name. */
export function copyArrays(arrays: SavedArrays): SavedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]))
}

/**
 * Copies saved arrays over those of equal name, type and length.
 * @throws StateError when one is absent or differs; nothing is written then
 */
export function restoreArrays(saved: SavedArrays, into: SavedArrays): void {
  for (const [name, array] of Object.entries(into)) {
    const from = saved[name]
    if (from === undefined || from.constructor !== array.constructor || from.length !== array.length) {
      throw new StateError(
        `saved learner: expected ${array.length} numbers in "${name}", got ${from?.length ?? 'none'}; it was saved by another learner or with other settings`,
      )
    }
  }
  for (const [name, array] of Object.entries(into)) array.set(saved[name]!)
}
