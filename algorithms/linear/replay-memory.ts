import type { Experience, SavedArrays } from './agent-model.js'
import type { LinearInput } from './linear-inputs.js'

/** Arrays of a memory; entry m of each is one step. */
interface Columns {
  /** i32 [n] each */
  readonly featureRow: Int32Array
  readonly action: Int32Array
  readonly nextFeatureRow: Int32Array
  /** f64 [n] each */
  readonly reward: Float64Array
  readonly discount: Float64Array
  /** f32 [n, O] each */
  readonly observation: Float32Array
  readonly nextObservation: Float32Array
  /** u8 [n, A] */
  readonly nextMask: Uint8Array
  /** f64 [n, A], what each action would have earned; NaN where unknown */
  readonly actionReward: Float64Array
}

/**
 * The last steps of one agent, up to a capacity; grows by doubling. Sparse features are kept by reference: the number of
 * their row in the environment's matrix, which never changes.
 */
export class ReplayMemory {
  /** Steps ever seen. */
  count = 0
  columns: Columns
  readonly #capacity: number
  readonly #observationSize: number
  readonly #actions: number
  readonly #full: boolean

  /** @param full - whether rewards of actions not taken are kept */
  constructor(input: LinearInput, actions: number, full: boolean, capacity: number) {
    this.#capacity = capacity
    this.#observationSize = input.observationSize
    this.#actions = actions
    this.#full = full
    this.columns = this.#allocate(Math.min(1024, capacity))
  }

  /** Steps in memory: entries 0..size-1. */
  get size(): number {
    return Math.min(this.count, this.#capacity)
  }

  /** Takes a step in; once full, the oldest is forgotten. */
  add(step: Experience): void {
    const m = this.count % this.#capacity
    if (m === this.columns.action.length) this.#grow()
    const { columns } = this
    columns.featureRow[m] = step.featureRow
    columns.action[m] = step.action
    columns.nextFeatureRow[m] = step.nextFeatureRow
    columns.reward[m] = step.reward
    columns.discount[m] = step.discount
    const o = m * this.#observationSize
    for (let j = 0; j < this.#observationSize; j++) {
      columns.observation[o + j] = step.observation[step.observationAt + j]!
      columns.nextObservation[o + j] = step.nextObservation[step.nextObservationAt + j]!
    }
    const a = m * this.#actions
    for (let j = 0; j < this.#actions; j++) {
      columns.nextMask[a + j] = step.nextMask[step.nextMaskAt + j]!
      if (!this.#full) continue
      columns.actionReward[a + j] =
        step.actionReward.length === 0 ? Number.NaN : step.actionReward[step.actionRewardAt + j]!
    }
    this.count++
  }

  /** Whether some step's target depends on values. */
  get bootstraps(): boolean {
    return this.columns.discount.subarray(0, this.size).some((discount) => discount > 0)
  }

  save(): SavedArrays {
    return { ...this.#resized(this.size), count: Float64Array.of(this.count) }
  }

  /** Takes over what `save` gave, if it fits: equal types, lengths of one size. @returns whether it did */
  load(arrays: SavedArrays): boolean {
    const count = arrays.count?.[0]
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) return false
    const size = Math.min(count, this.#capacity)
    const fresh = this.#allocate(size)
    const names = Object.keys(fresh) as (keyof Columns)[]
    if (
      names.some((name) => {
        const array = arrays[name]
        return array?.constructor !== fresh[name].constructor || array.length !== fresh[name].length
      })
    ) {
      return false
    }
    for (const name of names) fresh[name].set(arrays[name]!)
    this.columns = fresh
    this.count = count
    return true
  }

  #grow(): void {
    this.columns = this.#resized(Math.min(this.#capacity, 2 * this.columns.action.length + 1))
  }

  #resized(entries: number): Columns {
    const fresh = this.#allocate(entries)
    for (const name of Object.keys(fresh) as (keyof Columns)[]) {
      const kept = Math.min(fresh[name].length, this.columns[name].length)
      fresh[name].set(this.columns[name].subarray(0, kept))
    }
    return fresh
  }

  #allocate(entries: number): Columns {
    const o = entries * this.#observationSize
    const a = entries * this.#actions
    return {
      featureRow: new Int32Array(entries),
      action: new Int32Array(entries),
      nextFeatureRow: new Int32Array(entries),
      reward: new Float64Array(entries),
      discount: new Float64Array(entries),
      observation: new Float32Array(o),
      nextObservation: new Float32Array(o),
      nextMask: new Uint8Array(a),
      actionReward: new Float64Array(this.#full ? a : 0),
    }
  }
}
