import type { TransitionBatch } from '#env/transition-batch.js'
import type { NumberArray } from '../learner.js'
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
  /** Steps ever seen, and how many of them were told by `takeAdded`. */
  count = 0
  #told = 0
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

  /**
   * Takes the step of agent k of a batch in; once full, the oldest is forgotten.
   * @param discount - what the value of what follows counts
   */
  add({ before, after, actions, reward, actionReward, layout }: TransitionBatch, k: number, discount: number): void {
    const m = this.count % this.#capacity
    if (m === this.columns.action.length) this.#grow()
    const { columns } = this
    columns.featureRow[m] = before.featureRow[k]!
    columns.action[m] = actions[k]!
    columns.nextFeatureRow[m] = after.featureRow[k]!
    columns.reward[m] = reward[k]!
    columns.discount[m] = discount
    const o = m * this.#observationSize
    const seenAt = k * layout.observationSize
    for (let j = 0; j < this.#observationSize; j++) {
      columns.observation[o + j] = before.observation[seenAt + j]!
      columns.nextObservation[o + j] = after.observation[seenAt + j]!
    }
    const a = m * this.#actions
    const maskAt = k * layout.numActions
    for (let j = 0; j < this.#actions; j++) {
      columns.nextMask[a + j] = after.mask[maskAt + j]!
      if (this.#full) columns.actionReward[a + j] = actionReward.length === 0 ? Number.NaN : actionReward[maskAt + j]!
    }
    this.count++
  }

  /** Whether some step's target depends on values. */
  get bootstraps(): boolean {
    return this.columns.discount.subarray(0, this.size).some((discount) => discount > 0)
  }

  /** The steps that came since the last call, oldest first; of more than there is room for, the last. */
  takeAdded(): { readonly [name: string]: NumberArray } {
    const added = Math.min(this.count - this.#told, this.#capacity)
    const fresh = this.#allocate(added)
    for (let i = 0; i < added; i++) this.#copyEntry(this.columns, (this.count - added + i) % this.#capacity, fresh, i)
    this.#told = this.count
    return { ...fresh }
  }

  /**
   * Reads all that `takeAdded` ever gave, put together: equal types, lengths of one size.
   * @param count - steps ever seen
   * @returns what takes it over, or null where it doesn't fit
   */
  prepareLoad(count: unknown, saved: { readonly [name: string]: NumberArray }): (() => void) | null {
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) return null
    const told = saved.action?.length ?? 0
    const size = Math.min(count, this.#capacity)
    const shape = this.#allocate(told)
    const fits = (Object.keys(shape) as (keyof Columns)[]).every((name) => {
      const array = saved[name]
      return array?.constructor === shape[name].constructor && array.length === shape[name].length
    })
    if (!fits || told < size) return null
    const fresh = this.#allocate(size)
    for (let i = 0; i < size; i++) {
      this.#copyEntry(saved as unknown as Columns, told - size + i, fresh, (count - size + i) % this.#capacity)
    }
    return () => {
      this.columns = fresh
      this.count = count
      this.#told = count
    }
  }

  #copyEntry(from: Columns, at: number, to: Columns, place: number): void {
    const copy = (name: keyof Columns, width: number) => {
      for (let j = 0; j < width; j++) to[name][place * width + j] = from[name][at * width + j]!
    }
    for (const name of ['featureRow', 'action', 'nextFeatureRow', 'reward', 'discount'] as const) copy(name, 1)
    copy('observation', this.#observationSize)
    copy('nextObservation', this.#observationSize)
    copy('nextMask', this.#actions)
    copy('actionReward', this.#full ? this.#actions : 0)
  }

  #grow(): void {
    const before = this.columns
    const fresh = this.#allocate(Math.min(this.#capacity, 2 * before.action.length + 1))
    for (const name of Object.keys(fresh) as (keyof Columns)[]) fresh[name].set(before[name])
    this.columns = fresh
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
