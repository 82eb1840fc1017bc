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

  private constructor(places: number, patience: number, codes: number, lists: readonly (readonly number[])[]) {
    this.#places = places
    this.#patience = patience
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
      return new InboxIndex(1, patience, codes, [[], ...Array.from({ length: codes - 1 }, (_, k) => [k + 1])])
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
    return new InboxIndex(places, patience, codes, lists)
  }

  /**
   * The number of an inbox.
   * @param waiting - queries in it; type and left - i32, of each, head first
   */
  numberOf(waiting: number, type: Int32Array, left: Int32Array): number {
    let number = 0
    for (let k = 0; k < waiting; k++) {
      number = this.#next[number * this.#codes + this.#patience * type[k]! + left[k]!]!
    }
    return number
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
