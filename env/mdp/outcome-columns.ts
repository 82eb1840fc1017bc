import { NotEnumerableError } from '../errors.js'

/** Outcomes of a model's rows, one after the other, in arrays that grow: successor, probability and time of each. */
export class OutcomeColumns {
  /** Outcomes appended. */
  length = 0
  /** i32 and f64, `length` of them in use. */
  successor = new Int32Array(1024)
  probability = new Float64Array(1024)
  /** f64, times; absent as long as all are 1. */
  elapsed: Float64Array | undefined
  readonly #name: string
  readonly #most: number

  /** @param name - of the environment; most - outcomes that there may be */
  constructor(name: string, most: number) {
    this.#name = name
    this.#most = most
  }

  /** Makes room. @throws NotEnumerableError beyond the most outcomes */
  reserve(more: number): void {
    const needed = this.length + more
    if (needed > this.#most) {
      throw new NotEnumerableError(`${this.#name}: more than ${this.#most} transitions; evaluate by sampling`)
    }
    if (needed <= this.successor.length) return
    const size = Math.max(needed, 2 * this.successor.length)
    this.successor = grown(this.successor, new Int32Array(size))
    this.probability = grown(this.probability, new Float64Array(size))
    if (this.elapsed !== undefined) this.elapsed = grown(this.elapsed, new Float64Array(size))
  }

  /** Times are kept from now on; those appended before are 1. */
  keepTimes(): void {
    this.elapsed ??= new Float64Array(this.successor.length).fill(1)
  }

  /** Appends one outcome, for which `reserve` has made room. */
  append(successor: number, time: number, probability: number): void {
    this.successor[this.length] = successor
    this.probability[this.length] = probability
    if (this.elapsed !== undefined) this.elapsed[this.length] = time
    this.length++
  }

  /** Forgets the outcomes, not the room. */
  clear(): void {
    this.length = 0
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
