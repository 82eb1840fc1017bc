/** A query in the queue of an agent. */
export interface QueuedQuery {
  readonly type: number
  /** Decisions it had left when it was claimed. */
  readonly left: number
  /** What the driver knows it by. */
  readonly ticket: number
  /** Order of arrival among all queries. */
  readonly arrival: number
  /** When it came, ms since the start; 0 where time goes on in ticks. */
  readonly since: number
  /** Tick of its claim. */
  readonly tick: number
  /** Value that was credited for it at the claim, reward units. */
  readonly credit: number
}

/** What the queues hold, oldest claim first. Lengths are kept by who owns it. Allocates nothing once it is made. */
export class QueuedQueries {
  readonly #start: Int32Array
  readonly #queries: { -readonly [K in keyof QueuedQuery]: QueuedQuery[K] }[]

  /** @param capacity - i32 [N], most queries in each queue */
  constructor(capacity: Int32Array) {
    this.#start = new Int32Array(capacity.length)
    let size = 0
    capacity.forEach((count, i) => {
      this.#start[i] = size
      size += count
    })
    this.#queries = Array.from({ length: size }, () => ({
      type: 0,
      left: 0,
      ticket: 0,
      arrival: 0,
      since: 0,
      tick: 0,
      credit: 0,
    }))
  }

  /** The query at a place of agent i's queue; valid until the queue changes. */
  at(i: number, place: number): QueuedQuery {
    return this.#queries[this.#start[i]! + place]!
  }

  /** The slot behind agent i's queue of `length` queries, to be written. */
  next(i: number, length: number): { -readonly [K in keyof QueuedQuery]: QueuedQuery[K] } {
    return this.#queries[this.#start[i]! + length]!
  }

  /** @param length - of agent i's queue, that query included */
  remove(i: number, place: number, length: number): void {
    const first = this.#start[i]! + place
    const last = this.#start[i]! + length - 1
    const removed = this.#queries[first]!
    for (let k = first; k < last; k++) this.#queries[k] = this.#queries[k + 1]!
    this.#queries[last] = removed
  }

  /**
   * Orders agent i's queue: first the queries at the given places, the others behind them by arrival, oldest first.
   * @returns how many places were given
   */
  setAside(i: number, length: number, places: readonly number[]): number {
    const first = this.#start[i]!
    places.forEach((place, k) => {
      const query = this.#queries[first + place]!
      for (let at = first + place; at > first + k; at--) this.#queries[at] = this.#queries[at - 1]!
      this.#queries[first + k] = query
    })
    const from = first + places.length
    for (let k = from + 1; k < first + length; k++) {
      const query = this.#queries[k]!
      let place = k
      for (; place > from && this.#queries[place - 1]!.arrival > query.arrival; place--) {
        this.#queries[place] = this.#queries[place - 1]!
      }
      this.#queries[place] = query
    }
    return places.length
  }

  /** The place of a ticket in agent i's queue, -1 where it isn't there. */
  placeOf(i: number, length: number, ticket: number): number {
    for (let place = 0; place < length; place++) if (this.at(i, place).ticket === ticket) return place
    return -1
  }
}
