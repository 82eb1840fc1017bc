import type { TransitionBatch } from '#env/transition-batch.js'
import type { NumberArray } from '../../learner.js'

/** What is kept of a step, and of how many agents. */
export interface StepShape {
  /** Rows E of the environments: a step of all of them is E entries. */
  readonly rows: number
  /** The agents that are learned for, by their numbers in the spec. */
  readonly agents: readonly number[]
  /** O, the most numbers that one of them observes; A, the most actions; G, numbers of the state, 0 where it isn't kept. */
  readonly observationSize: number
  readonly numActions: number
  readonly stateSize: number
  /** V, rewards of an entry: one for each agent, or the team's alone. */
  readonly streams: number
}

/** Arrays of a log, entry after entry; n agents. */
export interface StepColumns {
  /** f32 [n, O]; u8 [n], who acted; f32 [G] */
  readonly observation: Float32Array
  readonly alive: Uint8Array
  readonly state: Float32Array
  /** i32 [n]; f64 [V]; f64 [V], what the value of what follows counts */
  readonly action: Int32Array
  readonly reward: Float64Array
  readonly discount: Float64Array
  /** What followed, before any reset: f32 [n, O], u8 [n, A], u8 [n], f32 [G] */
  readonly nextObservation: Float32Array
  readonly nextLegal: Uint8Array
  readonly nextAlive: Uint8Array
  readonly nextState: Float32Array
  /** u8 [1], the entry's next step belongs to another episode, for either reason. */
  readonly ended: Uint8Array
}

const types = {
  observation: Float32Array,
  alive: Uint8Array,
  state: Float32Array,
  action: Int32Array,
  reward: Float64Array,
  discount: Float64Array,
  nextObservation: Float32Array,
  nextLegal: Uint8Array,
  nextAlive: Uint8Array,
  nextState: Float32Array,
  ended: Uint8Array,
}
const names = Object.keys(types) as (keyof StepColumns)[]

/**
 * The last steps of some environments, up to a capacity, in the order of time: entry `(step % capacity) * rows + row`. What follows an
 * entry of the same row stands `rows` further. Grows by doubling; then the oldest are forgotten.
 */
export class StepLog {
  readonly shape: StepShape
  /** Steps of all rows that are kept at most. */
  readonly capacity: number
  /** Steps of all rows that were ever added. */
  count = 0
  columns: StepColumns
  #told = 0
  readonly #widths: Readonly<Record<keyof StepColumns, number>>

  constructor(shape: StepShape, capacity: number) {
    const { observationSize, numActions, stateSize, streams } = shape
    const n = shape.agents.length
    this.shape = shape
    this.capacity = capacity
    this.#widths = {
      observation: n * observationSize,
      alive: n,
      state: stateSize,
      action: n,
      reward: streams,
      discount: streams,
      nextObservation: n * observationSize,
      nextLegal: n * numActions,
      nextAlive: n,
      nextState: stateSize,
      ended: 1,
    }
    this.columns = this.#allocate(Math.min(256, capacity))
  }

  /** Entries in the log: 0..size-1. */
  get size(): number {
    return Math.min(this.count, this.capacity) * this.shape.rows
  }

  /**
   * Adds a step of all rows.
   * @param reward - f64 [E, V]
   * @param discount - f64 [E, V], what the value of what follows counts: 0 after termination, not at a cut-off
   */
  add(transition: TransitionBatch, reward: Float64Array, discount: Float64Array): void {
    const { rows, agents, streams } = this.shape
    const step = this.count % this.capacity
    if ((step + 1) * rows > this.columns.ended.length) this.#grow()
    const { columns } = this
    for (let row = 0; row < rows; row++) {
      const m = step * rows + row
      for (let i = 0; i < agents.length; i++) this.#addAgent(transition, row, i, m)
      for (let v = 0; v < streams; v++) {
        columns.reward[m * streams + v] = reward[row * streams + v]!
        columns.discount[m * streams + v] = discount[row * streams + v]!
      }
      const { stateSize } = this.shape
      for (let j = 0; j < stateSize; j++) {
        columns.state[m * stateSize + j] = transition.before.state[row * stateSize + j]!
        columns.nextState[m * stateSize + j] = transition.after.state[row * stateSize + j]!
      }
      columns.ended[m] = transition.ended[row]!
    }
    this.count++
  }

  /** The entry that follows one in its episode; -1 where it ended there, or nothing has followed yet. */
  following(entry: number): number {
    const { rows } = this.shape
    if (this.columns.ended[entry] === 1) return -1
    const step = Math.floor(entry / rows)
    if (step === (this.count - 1) % this.capacity) return -1
    return ((step + 1) % this.capacity) * rows + (entry % rows)
  }

  /** Where a step of a row stands. @param step - counted from the first ever, one of the last `capacity` */
  entryOf(step: number, row: number): number {
    return (step % this.capacity) * this.shape.rows + row
  }

  /** What was added since the last call, oldest first; of more than there is room for, the last. */
  takeAdded(): { readonly [name: string]: NumberArray } {
    const added = Math.min(this.count - this.#told, this.capacity)
    const fresh = this.#allocate(added)
    for (let k = 0; k < added; k++) this.#copyStep(this.columns, (this.count - added + k) % this.capacity, fresh, k)
    this.#told = this.count
    return { ...fresh }
  }

  /**
   * Reads all that `takeAdded` ever gave, put together.
   * @param count - steps ever added
   * @returns what takes it over, or null where it doesn't fit
   */
  prepareLoad(count: unknown, saved: { readonly [name: string]: NumberArray }): (() => void) | null {
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) return null
    const told = (saved.ended?.length ?? 0) / this.shape.rows
    const size = Math.min(count, this.capacity)
    const fits = names.every(
      (name) =>
        (told === 0 && saved[name] === undefined) ||
        (saved[name]?.constructor === types[name] &&
          saved[name].length === told * this.shape.rows * this.#widths[name]),
    )
    if (!fits || !Number.isInteger(told) || told < size) return null
    const fresh = this.#allocate(Math.max(size, Math.min(256, this.capacity)))
    for (let k = 0; k < size; k++) {
      this.#copyStep(saved as unknown as StepColumns, told - size + k, fresh, (count - size + k) % this.capacity)
    }
    return () => {
      this.columns = fresh
      this.count = count
      this.#told = count
    }
  }

  #addAgent({ before, after, actions, layout }: TransitionBatch, row: number, i: number, m: number): void {
    const { agents, observationSize, numActions } = this.shape
    const { columns } = this
    const k = row * layout.agents + agents[i]!
    const at = m * agents.length + i
    columns.action[at] = Math.max(0, actions[k]!)
    columns.alive[at] = before.alive[k]!
    columns.nextAlive[at] = after.alive[k]!
    const seen = k * layout.observationSize
    for (let j = 0; j < observationSize; j++) {
      columns.observation[at * observationSize + j] = before.observation[seen + j]!
      columns.nextObservation[at * observationSize + j] = after.observation[seen + j]!
    }
    const legal = k * layout.numActions
    for (let a = 0; a < numActions; a++) columns.nextLegal[at * numActions + a] = after.mask[legal + a]!
  }

  #copyStep(from: StepColumns, step: number, to: StepColumns, place: number): void {
    for (const name of names) {
      const width = this.#widths[name] * this.shape.rows
      to[name].set(from[name].subarray(step * width, (step + 1) * width), place * width)
    }
  }

  #grow(): void {
    const before = this.columns
    const steps = before.ended.length / this.shape.rows
    const fresh = this.#allocate(Math.min(this.capacity, 2 * steps))
    for (const name of names) fresh[name].set(before[name])
    this.columns = fresh
  }

  #allocate(steps: number): StepColumns {
    const made = names.map((name) => [name, new types[name](steps * this.shape.rows * this.#widths[name])])
    return Object.fromEntries(made) as StepColumns
  }
}
