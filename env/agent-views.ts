import type { SlotBuffers } from './slot.js'
import type { SparseMatrix } from './sparse-matrix.js'
import type { EnvSpec } from './spec.js'
import type { AgentViews } from './transition-batch.js'

/** What agents see of the rows of some slots. @param features - of the environment, where it has them */
export function viewsOf(slots: SlotBuffers, size: number, features: SparseMatrix | undefined): AgentViews {
  const { layout, observation, mask, observationId, featureRow, stateId, state, alive } = slots
  const views = { layout, size, observation, mask, observationId, featureRow, stateId, state, alive }
  return features === undefined ? views : { ...views, features }
}

/** Arrays up to this length are copied number by number: a call costs more than that. */
const FEW = 96

/** Copies what agents see from one set of arrays to another of the same shapes. What never changes isn't copied. */
export class AgentViewCopier {
  readonly #model: AgentViews
  readonly #ids: boolean
  readonly #features: boolean
  readonly #states: boolean

  constructor(spec: EnvSpec, model: AgentViews) {
    this.#model = model
    this.#ids = spec.agents.some(({ numObservations }) => numObservations > 0)
    this.#features = spec.agents.some(({ numFeatures = 0 }) => numFeatures > 0)
    this.#states = spec.numStates > 0
  }

  /** New arrays of the same shapes. */
  likeIt(): AgentViews {
    const { observation, mask, observationId, featureRow, stateId, state, alive } = this.#model
    return {
      ...this.#model,
      observation: observation.slice(),
      mask: mask.slice(),
      observationId: observationId.slice(),
      featureRow: featureRow.slice(),
      stateId: stateId.slice(),
      state: state.slice(),
      alive: alive.slice(),
    }
  }

  /** All rows. */
  copy(from: AgentViews, to: AgentViews): void {
    copyFloats(from.observation, to.observation)
    copyFloats(from.state, to.state)
    copyBytes(from.mask, to.mask)
    copyBytes(from.alive, to.alive)
    if (this.#ids) copyIntegers(from.observationId, to.observationId)
    if (this.#features) copyIntegers(from.featureRow, to.featureRow)
    if (this.#states) copyIntegers(from.stateId, to.stateId)
  }

  /** Exchanges one row. */
  swapRow(a: AgentViews, b: AgentViews, row: number): void {
    const { size } = this.#model
    swap(a.observation, b.observation, row, size)
    swap(a.state, b.state, row, size)
    swap(a.mask, b.mask, row, size)
    swap(a.alive, b.alive, row, size)
    swap(a.observationId, b.observationId, row, size)
    swap(a.featureRow, b.featureRow, row, size)
    swap(a.stateId, b.stateId, row, size)
  }
}

function swap<T extends Float32Array | Int32Array | Uint8Array>(a: T, b: T, row: number, rows: number): void {
  const width = a.length / rows
  for (let k = row * width; k < (row + 1) * width; k++) {
    const value = a[k]!
    a[k] = b[k]!
    b[k] = value
  }
}

function copyFloats(from: Float32Array, to: Float32Array): void {
  if (from.length > FEW) to.set(from)
  else for (let k = 0; k < from.length; k++) to[k] = from[k]!
}

function copyBytes(from: Uint8Array, to: Uint8Array): void {
  if (from.length > FEW) to.set(from)
  else for (let k = 0; k < from.length; k++) to[k] = from[k]!
}

function copyIntegers(from: Int32Array, to: Int32Array): void {
  if (from.length > FEW) to.set(from)
  else for (let k = 0; k < from.length; k++) to[k] = from[k]!
}
