import type { SparseMatrix } from '#env/sparse-matrix.js'
import { type AgentModel, copyArrays, type Experience, restoreArrays, type SavedArrays } from './agent-model.js'
import { InputRow, type LinearInput } from './linear-inputs.js'
import { linearValue } from './linear-policy.js'

/** Linear values of some actions, moved one row at a time. */
export interface LinearEstimator {
  /** f64 [actions, columns + 1], the intercept last; changed in place. */
  readonly weights: Float64Array
  /** Everything learned, weights included, by name. */
  readonly arrays: SavedArrays
  /** Moves Q(x, action), x being row 0, towards a target in reward units. Allocates nothing. */
  update(x: SparseMatrix, action: number, target: number): void
  variance?(x: SparseMatrix, action: number): number
}

/** Learns from each step once, as it comes. */
export class OnlineModel implements AgentModel {
  readonly weights: Float64Array
  readonly #estimator: LinearEstimator
  readonly #row: InputRow
  readonly #actions: number

  constructor(input: LinearInput, actions: number, estimator: LinearEstimator) {
    this.weights = estimator.weights
    this.#estimator = estimator
    this.#row = new InputRow(input)
    this.#actions = actions
  }

  variance(x: SparseMatrix, action: number): number {
    return this.#estimator.variance?.(x, action) ?? 0
  }

  learn(experience: Experience): void {
    const { features, featureRow, observation, observationAt, action, reward, discount } = experience
    const next = discount === 0 ? 0 : discount * this.#nextValue(experience)
    const x = this.#row.read(features, featureRow, observation, observationAt)
    this.#estimator.update(x, action, reward + next)
    if (experience.actionReward.length === 0) return
    for (let a = 0; a < this.#actions; a++) {
      const known = experience.actionReward[experience.actionRewardAt + a]!
      if (a !== action && !Number.isNaN(known)) this.#estimator.update(x, a, known)
    }
  }

  save(): SavedArrays {
    return copyArrays(this.#estimator.arrays)
  }

  load(arrays: SavedArrays): void {
    restoreArrays(arrays, this.#estimator.arrays)
  }

  #nextValue(experience: Experience): number {
    const { features, nextFeatureRow, nextObservation, nextObservationAt, nextMask, nextMaskAt } = experience
    const x = this.#row.read(features, nextFeatureRow, nextObservation, nextObservationAt)
    return bestLegalValue(this.weights, x, nextMask, nextMaskAt, this.#actions)
  }
}

/** The highest value among legal actions; 0 when none is legal (an agent that no longer acts). */
export function bestLegalValue(
  weights: Float64Array,
  x: SparseMatrix,
  mask: Uint8Array,
  maskAt: number,
  actions: number,
): number {
  let best = Number.NEGATIVE_INFINITY
  for (let a = 0; a < actions; a++) {
    if (mask[maskAt + a] === 1) best = Math.max(best, linearValue(weights, x, a))
  }
  return best === Number.NEGATIVE_INFINITY ? 0 : best
}
