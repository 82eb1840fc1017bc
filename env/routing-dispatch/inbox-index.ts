/**
 * Numbers the contents of an inbox: lists of up to B queries, head first. 0 is the empty inbox. With one place the query of type t
 * with `left` decisions left has the number of its code, 1 + patience * t + (left - 1).
 *
 * Walks a trie of codes, so that numbering allocates nothing.
 */
export class InboxIndex {
  /** X, how many contents there are. */
  readonly size: number
  readonly #patience: number
  /** Codes a query may have, and 0. */
  readonly #codes: number
  /** i32 [nodes, codes], the list that a code makes of a list; -1 where that never is. */
  readonly #next: Int32Array
  /** i32 [X, B], codes of each list, 0 behind its end. */
  readonly #lists: Int32Array
  readonly #places: number
  readonly #priority: ArrayLike<number>
  readonly #parted: Int32Array

  private constructor(
    places: number,
    patience: number,
    priority: ArrayLike<number>,
    lists: readonly (readonly number[])[],
  ) {
    const codes = 1 + priority.length * patience
    this.#places = places
    this.#patience = patience
    this.#priority = priority
    this.#parted = new Int32Array(places)
    this.#codes = codes
    this.size = lists.length
    this.#next = new Int32Array(lists.length * codes).fill(-1)
    this.#lists = new Int32Array(lists.length * places)
    const numberOf = new Map(lists.map((list, number) => [list.join(), number]))
    lists.forEach((list, number) => {
      this.#lists.set(list, number * places)
      if (list.length > 0) {
        this.#next[numberOf.get(list.slice(0, -1).join())! * codes + list.at(-1)!] = number
      }
    })
  }

  /**
   * The contents that an inbox may have; null where there are more than can be numbered.
   * @param mayShareTicks - whether several queries may arrive at one tick
   * @param priority - [T], higher ones first
   */
  static of(places: number, patience: number, priority: ArrayLike<number>, mayShareTicks: boolean): InboxIndex | null {
    const codes = 1 + priority.length * patience
    if (places === 1) {
      return new InboxIndex(1, patience, priority, [[], ...Array.from({ length: codes - 1 }, (_, k) => [k + 1])])
    }
    const lists: number[][] = [[]]
    // Every list is a shorter one with a query behind it; the queries at its front make a list of their own.
    for (let number = 0; number < lists.length; number++) {
      const list = lists[number]!
      if (list.length === places) continue
      for (let code = 1; code < codes; code++) {
        if (!mayFollow(list, code, patience, priority, mayShareTicks)) continue
        lists.push([...list, code])
        if (lists.length > MOST_LISTS) return null
      }
    }
    return new InboxIndex(places, patience, priority, lists)
  }

  /**
   * The number of an inbox. One that the model can't come to, such as two queries of one tick where at most one a tick is
   * expected, has the number of the nearest that it can: the queries ahead seem to have less patience left, and where none is
   * left, the last query isn't seen.
   * @param waiting - queries in it; type and left - i32, of each, head first
   */
  numberOf(waiting: number, type: Int32Array, left: Int32Array): number {
    const number = this.#walk(waiting, type, left)
    if (number >= 0) return number
    for (let seen = waiting; seen > 0; seen--) {
      if (!this.#partTicks(seen, type, left)) continue
      const nearest = this.#walk(seen, type, this.#parted)
      if (nearest >= 0) return nearest
    }
    return 0
  }

  #walk(waiting: number, type: Int32Array, left: Int32Array): number {
    let number = 0
    for (let k = 0; k < waiting && number >= 0; k++) {
      number = this.#next[number * this.#codes + this.#patience * type[k]! + left[k]!]!
    }
    return number
  }

  /** Writes to `#parted` what is left to each query if no two came at one tick. @returns whether all have something left */
  #partTicks(waiting: number, type: Int32Array, left: Int32Array): boolean {
    const parted = this.#parted
    for (let k = waiting - 1; k >= 0; k--) {
      let own = left[k]!
      for (let behind = k + 1; behind < waiting; behind++) {
        const sameRank = this.#priority[type[behind]!] === this.#priority[type[k]!]
        if (sameRank && own >= parted[behind]!) own = parted[behind]! - 1
      }
      while (own > 0 && parted.subarray(k + 1, waiting).includes(own)) own--
      if (own < 1) return false
      parted[k] = own
    }
    return true
  }

  /** The type of the first query. @param number - of an inbox that isn't empty */
  headType(number: number): number {
    return Math.floor((this.#lists[number * this.#places]! - 1) / this.#patience)
  }

  /** Writes the queries of an inbox, head first. @returns how many */
  read(number: number, type: Int32Array, left: Int32Array): number {
    let waiting = 0
    for (; waiting < this.#places; waiting++) {
      const code = this.#lists[number * this.#places + waiting]!
      if (code === 0) break
      type[waiting] = Math.floor((code - 1) / this.#patience)
      left[waiting] = ((code - 1) % this.#patience) + 1
    }
    return waiting
  }
}

/** Beyond this many the numbers of a team's states would be too many anyway. */
const MOST_LISTS = 100_000

/** Whether a query may stand behind those of a list: order of priority, then of arrival; all age together. */
function mayFollow(
  list: readonly number[],
  code: number,
  patience: number,
  priority: ArrayLike<number>,
  mayShareTicks: boolean,
): boolean {
  const typeOf = (one: number) => Math.floor((one - 1) / patience)
  const leftOf = (one: number) => (one - 1) % patience
  const own = priority[typeOf(code)]!
  return list.every((other) => {
    const theirs = priority[typeOf(other)]!
    if (theirs < own) return false
    if (leftOf(other) === leftOf(code)) return mayShareTicks
    return theirs > own || leftOf(other) < leftOf(code)
  })
}
