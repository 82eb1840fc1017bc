/**
 * Things by what they are worth, the worthiest first, of equal ones the first. What a thing is worth may have fallen since it was put in
 * (lazy evaluation, Minoux 1978): whoever takes the first says what it is worth now.
 */
export class WorthQueue {
  readonly #worth: Float64Array
  /** A heap of numbers of things. */
  readonly #heap: Int32Array
  #size: number

  /** @param worth - of each thing, by its number */
  constructor(worth: ArrayLike<number>) {
    this.#worth = Float64Array.from(worth)
    this.#size = worth.length
    this.#heap = Int32Array.from(this.#worth.keys())
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at)
  }

  /** The number of the first; -1 where none is left. */
  get first(): number {
    return this.#size === 0 ? -1 : this.#heap[0]!
  }

  /** Whether the first still is, worth so much. Where it isn't, another one is first from now on. */
  isFirstAt(worth: number): boolean {
    const first = this.#heap[0]!
    this.#worth[first] = worth
    this.#sink(0)
    return this.#heap[0] === first
  }

  /** Takes the first out. @returns what it is worth */
  take(): number {
    const worth = this.#worth[this.#heap[0]!]!
    this.#heap[0] = this.#heap[--this.#size]!
    this.#sink(0)
    return worth
  }

  #sink(from: number): void {
    let at = from
    for (;;) {
      let best = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < this.#size && this.#isBefore(child, best)) best = child
      if (best === at) return
      ;[this.#heap[at], this.#heap[best]] = [this.#heap[best]!, this.#heap[at]!]
      at = best
    }
  }

  #isBefore(x: number, y: number): boolean {
    const [one, other] = [this.#heap[x]!, this.#heap[y]!]
    const gain = this.#worth[one]! - this.#worth[other]!
    return gain > 0 || (gain === 0 && one < other)
  }
}
