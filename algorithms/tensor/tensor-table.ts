import { NotEnumerableError } from '#env/errors.js'
import type { TensorBackend, TensorFlow } from './backend.js'
import { UpdateChains } from './update-chains.js'

/** Stands for the value of an illegal action: no shading language promises infinities. */
export const ILLEGAL = -3e38
/** Values below are illegal ones. */
const LEGAL = -1e38
/** Numbers in one tensor: an update holds two copies of the table, and WebAssembly 4 GiB in all. */
const MOST_NUMBERS = 2 ** 28

/** One batch of M updates, in the order in which they take effect. The arrays may be used again after the call. */
export interface TableUpdates {
  /** i32 [M], row * A + action; the table's `sink` for idle updates, of which the last must be one. */
  readonly entry: Int32Array
  /** i32 [M], row whose best value is bootstrapped from. */
  readonly nextRow: Int32Array
  /** f32 [M, A], 0 or `ILLEGAL`, added to the next row's values; null where all are legal. */
  readonly nextPenalty: Float32Array | null
  /** f32 [M], reward units. */
  readonly reward: Float32Array
  /** f32 [M], what the next row's best value counts; 0 after the end. */
  readonly discount: Float32Array
  /** f32 [M], step sizes in [0, 1], 0 for idle updates. */
  readonly rate: Float32Array
  /** f32 [M], step sizes where the error is negative; null where they are the same. */
  readonly negativeRate: Float32Array | null
}

type Tensor1D = import('@tensorflow/tfjs-core').Tensor1D
type Tensor2D = import('@tensorflow/tfjs-core').Tensor2D

/** Action values on a device: f32 [rows + 1, A], the last row a sink that nothing is learned from. */
export class TensorTable {
  readonly width: number
  /** The entry that idle updates belong to. */
  readonly sink: number
  /** The row that idle agents read. */
  readonly idleRow: number
  readonly #backend: TensorBackend
  readonly #chains: UpdateChains
  #values: Tensor2D
  /** f32 [M], sizes of the errors of each update of a batch, summed over batches; idle updates' stay 0. */
  #errors: Tensor1D

  /**
   * @param rows - of all seeds and agents together
   * @param updates - M, updates a batch, the idle one included
   * @param initial - value of every entry, reward units
   * @throws NotEnumerableError when there are too many entries, or too many updates of one batch, for a device
   */
  constructor(backend: TensorBackend, rows: number, width: number, updates: number, initial: number) {
    checkSize(`values of ${rows} rows of ${width} actions`, rows * width)
    checkSize(`masks of ${updates} updates of ${width} actions`, updates * width)
    this.width = width
    this.sink = rows * width
    this.idleRow = rows
    this.#backend = backend
    this.#chains = new UpdateChains(updates, this.sink)
    this.#values = this.#tf.fill([rows + 1, width], initial)
    this.#errors = this.#tf.zeros([updates])
  }

  /**
   * The best action of each row; ties go to the lowest. Read back without making anybody wait but the caller.
   * @param rows - i32 [M]
   * @param penalty - f32 [M, A], as `TableUpdates.nextPenalty`
   * @returns i32 [M]
   */
  async best(rows: Int32Array, penalty: Float32Array | null): Promise<Int32Array> {
    const tf = this.#tf
    const best = tf.tidy(() => tf.argMax(this.#penalised(rows, penalty), 1))
    const actions = (await best.data()) as Int32Array
    best.dispose()
    return actions
  }

  /**
   * Moves entries towards reward + discount * the next row's best value. All errors are taken from the values before the
   * batch; updates that meet in one entry are applied in order (update-chains.ts).
   */
  learn(updates: TableUpdates): void {
    const tf = this.#tf
    const { entry, nextRow, nextPenalty, reward, discount, rate, negativeRate } = updates
    const rounds = this.#chains.link(entry)
    const column = (indices: Int32Array) => tf.tensor2d(indices, [indices.length, 1], 'int32')
    const [learned, errors] = tf.tidy(() => {
      const values = tf.reshape(this.#values, [-1])
      const next = tf.max(this.#penalised(nextRow, nextPenalty), 1)
      const target = tf.add(tf.tensor1d(reward), tf.mul(tf.tensor1d(discount), next))
      const before = tf.gatherND(values, column(entry)) as Tensor1D
      const error = tf.sub(target, before)
      const kind = tf.tensor1d(rate)
      const used = negativeRate === null ? kind : tf.where(tf.less(error, 0), tf.tensor1d(negativeRate), kind)
      // The update as a map of what has been added so far: x -> keep x + step.
      let step = tf.mul(used, error)
      if (rounds.length > 0) {
        let keep = tf.sub(1, used)
        for (const round of rounds) {
          const previous = column(round)
          step = tf.add(tf.mul(keep, tf.gatherND(step, previous)), step)
          keep = tf.mul(keep, tf.gatherND(keep, previous))
        }
      }
      const learned = tf.tensorScatterUpdate(values, column(this.#chains.target), tf.add(before, step))
      const size = tf.mul(tf.abs(error), tf.sign(kind))
      return [tf.reshape(learned, this.#values.shape), tf.add(this.#errors, size)] as const
    }) as unknown as readonly [Tensor2D, Tensor1D]
    this.#values.dispose()
    this.#values = learned
    this.#errors.dispose()
    this.#errors = errors
  }

  /** Marks entries, i32, as illegal actions. */
  forbid(entries: Int32Array): void {
    const tf = this.#tf
    const marked = tf.tidy(() => {
      const places = tf.tensor2d(entries, [entries.length, 1], 'int32')
      const values = tf.reshape(this.#values, [-1])
      return tf.reshape(tf.tensorScatterUpdate(values, places, tf.fill([entries.length], ILLEGAL)), this.#values.shape)
    })
    this.#values.dispose()
    this.#values = marked as Tensor2D
  }

  /** The values, f32 [rows * A]; illegal ones -Infinity. */
  async read(): Promise<Float32Array> {
    const values = ((await this.#values.data()) as Float32Array).slice(0, this.sink)
    for (let k = 0; k < values.length; k++) if (values[k]! < LEGAL) values[k] = Number.NEGATIVE_INFINITY
    return values
  }

  /** Takes values as `read` gives them. */
  write(values: Float32Array): void {
    const all = new Float32Array(this.sink + this.width)
    all.set(values.map((value) => Math.max(value, ILLEGAL)))
    this.#values.dispose()
    this.#values = this.#tf.tensor2d(all, this.#values.shape)
  }

  /** Sums of the errors' sizes, f32 [M], by the places of a batch. */
  async readErrors(): Promise<Float32Array> {
    return (await this.#errors.data()) as Float32Array
  }

  /** Takes sums as `readErrors` gives them. */
  writeErrors(errors: Float32Array): void {
    this.#errors.dispose()
    this.#errors = this.#tf.tensor1d(errors)
  }

  dispose(): void {
    this.#values.dispose()
    this.#errors.dispose()
  }

  /** TF.js with the table's backend as the active one: others may have been opened while somebody waited. */
  get #tf(): TensorFlow {
    this.#backend.activate()
    return this.#backend.tf
  }

  /** Values of rows, [M, A], where legal. */
  #penalised(rows: Int32Array, penalty: Float32Array | null): Tensor2D {
    const tf = this.#tf
    // `gather` would read its indices back to check them, on most backends; `gatherND` doesn't.
    const values = tf.gatherND(this.#values, tf.tensor2d(rows, [rows.length, 1], 'int32')) as Tensor2D
    return penalty === null ? values : tf.add(values, tf.tensor2d(penalty, [rows.length, this.width]))
  }
}

/** Whether an array fits is known before any of it is taken. */
function checkSize(what: string, numbers: number): void {
  if (numbers <= MOST_NUMBERS) return
  const gigabytes = (n: number) => `${((4 * n) / 1e9).toPrecision(2)} GB`
  throw new NotEnumerableError(
    `tensor table: expected at most ${gigabytes(MOST_NUMBERS)} an array, but ${what}, those of all seeds together, take ${gigabytes(numbers)}; learn with fewer seeds or rows, or on arrays (form: arrays)`,
  )
}
