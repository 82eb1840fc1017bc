import { type DType, dtypeBytes, dtypeOf } from '#algorithms/bundle/dtype.js'
import type { LearnerState, NumberArray } from '#algorithms/learner.js'
import { StateError } from '#env/errors.js'
import { ownValue } from '#env/own-value.js'
import type { TrialStore } from '#results/store/trial-store.js'
import type { GrownPart } from './trial-checkpoint.js'

/** The parts of a learner's state that only grow (`LearnerState.added`), in files of the checkpoint that are appended to. */
export class GrownParts {
  readonly #store: TrialStore
  #parts: { [name: string]: GrownPart } = {}

  constructor(store: TrialStore) {
    this.#store = store
  }

  /** How long each part is, for the checkpoint. */
  get parts(): { readonly [name: string]: GrownPart } {
    return { ...this.#parts }
  }

  /** Appends what was added since the last time. @throws StorageError */
  append(added: NonNullable<LearnerState['added']>): void {
    for (const [name, array] of Object.entries(added)) {
      const dtype = dtypeOf(array)
      const length = ownValue(this.#parts, name)?.length ?? 0
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      this.#store.appendToCheckpoint(name, length * dtypeBytes[dtype], bytes)
      this.#parts[name] = { dtype, length: length + array.length }
    }
  }

  /** Goes on from a checkpoint. @returns the whole of each part. @throws StateError when a file is absent or too short */
  read(parts: { readonly [name: string]: GrownPart }): { readonly [name: string]: NumberArray } {
    this.#parts = { ...parts }
    return Object.fromEntries(
      Object.entries(parts).map(([name, { dtype, length }]) => {
        const bytes = this.#store.readFromCheckpoint(name, length * dtypeBytes[dtype])
        if (bytes === null) {
          throw new StateError(
            `${this.#store.directory}/checkpoint: the part "${name}" is absent or too short; delete the checkpoint to start this trial again`,
          )
        }
        return [name, arrayOf(dtype, bytes.slice().buffer)]
      }),
    )
  }
}

function arrayOf(dtype: DType, bytes: ArrayBuffer): NumberArray {
  switch (dtype) {
    case 'F64':
      return new Float64Array(bytes)
    case 'F32':
      return new Float32Array(bytes)
    case 'I32':
      return new Int32Array(bytes)
    default:
      return new Uint8Array(bytes)
  }
}
