import type { Rng } from '#env/rng.js'
import type { NumberArray } from '../../learner.js'
import type { StepLog } from './step-log.js'

/**
 * Which steps of a log are whole episodes. One longer than `longest` is several: the value of what followed counts at the seam, as at a
 * cut-off. Episodes that still run are none.
 */
export class EpisodeIndex {
  /** Episodes ever finished. */
  count = 0
  readonly longest: number
  readonly #log: StepLog
  /** [K] each, of the last K episodes: the first step, its row, how many steps. */
  readonly #first: Float64Array
  readonly #row: Int32Array
  readonly #length: Int32Array
  /** f64 [E], the first step of what still runs. */
  readonly #running: Float64Array

  /** @param log - with room for `stepsFor` steps at least */
  constructor(log: StepLog, capacity: number, longest: number) {
    this.#log = log
    this.longest = longest
    this.#first = new Float64Array(capacity)
    this.#row = new Int32Array(capacity)
    this.#length = new Int32Array(capacity)
    this.#running = new Float64Array(log.shape.rows)
  }

  /** Steps of all rows within which the last `capacity` episodes lie, however their lengths differ. */
  static stepsFor(capacity: number, longest: number, rows: number): number {
    return (Math.ceil(capacity / rows) + 2) * longest
  }

  /** Episodes that can be drawn. */
  get size(): number {
    return Math.min(this.count, this.#first.length)
  }

  /** Notes which episodes the log's last step ended. */
  noteStep(): void {
    const { count, columns, shape } = this.#log
    for (let row = 0; row < shape.rows; row++) {
      const first = this.#running[row]!
      const length = count - first
      if (columns.ended[this.#log.entryOf(count - 1, row)] !== 1 && length < this.longest) continue
      const place = this.count++ % this.#first.length
      this.#first[place] = first
      this.#row[place] = row
      this.#length[place] = length
      this.#running[row] = count
    }
  }

  /** Draws different episodes, as many as `episodes` has places and there are at most. @returns how many */
  draw(rng: Rng, episodes: Int32Array): number {
    const drawn = Math.min(this.size, episodes.length)
    for (let k = 0; k < drawn; k++) {
      // Robert Floyd's way to a random subset.
      const bound = this.size - drawn + k + 1
      const pick = rng.integer(bound)
      episodes[k] = episodes.subarray(0, k).includes(pick) ? bound - 1 : pick
    }
    return drawn
  }

  lengthOf(episode: number): number {
    return this.#length[episode]!
  }

  /** Where step t of an episode stands in the log. */
  entryOf(episode: number, t: number): number {
    return this.#log.entryOf(this.#first[episode]! + t, this.#row[episode]!)
  }

  /**
   * Writes episodes side by side, [B, T]: entries of the log, and which of them there are.
   * @param entries - i32 [B, T], written: 0 where there is none
   * @param mask - u8 [B, T], written: 1 = a step, 0 = behind the end
   */
  padded(episodes: Int32Array, steps: number, entries: Int32Array, mask: Uint8Array): void {
    for (let k = 0; k < episodes.length; k++) {
      for (let t = 0; t < steps; t++) {
        const there = t < this.lengthOf(episodes[k]!)
        entries[k * steps + t] = there ? this.entryOf(episodes[k]!, t) : 0
        mask[k * steps + t] = there ? 1 : 0
      }
    }
  }

  /** All that it is beside `count`. */
  get arrays(): { readonly [name: string]: NumberArray } {
    return { first: this.#first, row: this.#row, length: this.#length, running: this.#running }
  }
}
