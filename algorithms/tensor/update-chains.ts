/**
 * Which updates of a batch meet in the same entry of a table, so that they can all be applied at once and still give what
 * applying them one after the other gives.
 *
 * An update x -> (1 - r) x + r t is an affine map, and affine maps compose. The updates of one entry form a chain, each
 * pointing to the one before it. By pointer jumping (Wyllie 1979; Hillis and Steele 1986) the compositions of chains of L
 * updates are known after ceil(log2 L) rounds, each of which all updates take at once. The rounds depend on the entries
 * alone: they are found here, on the host, in integers.
 */
export class UpdateChains {
  /** i32 [M], where each update's result goes: to its entry from the last of a chain, to the sink from the others. */
  readonly target: Int32Array
  readonly #sink: number
  /** i32 [entries], the last update of an entry so far, and the call that it belongs to. */
  readonly #last: Int32Array
  readonly #call: Int32Array
  /** i32 [M] each: round k, the update that the compositions of 2^k updates end before. */
  readonly #rounds: Int32Array[]
  readonly #depth: Int32Array
  #calls = 0

  /**
   * @param updates - M; the last is idle for ever and ends all chains
   * @param sink - number of entries, and the place that results nobody reads go to
   */
  constructor(updates: number, sink: number) {
    this.target = new Int32Array(updates)
    this.#sink = sink
    this.#last = new Int32Array(sink)
    this.#call = new Int32Array(sink)
    this.#rounds = [new Int32Array(updates)]
    this.#depth = new Int32Array(updates)
  }

  /**
   * Chains the updates of a batch; `target` is filled in.
   * @param entry - i32 [M], in 0..sink-1, or the sink for idle updates
   * @returns the rounds to take: i32 [M] each, pointers to earlier updates, or to the idle one at the end
   */
  link(entry: Int32Array): readonly Int32Array[] {
    const call = ++this.#calls
    const idle = entry.length - 1
    const first = this.#rounds[0]!
    const { target } = this
    let longest = 1
    for (let j = 0; j <= idle; j++) {
      const e = entry[j]!
      first[j] = idle
      this.#depth[j] = 1
      target[j] = e
      if (e === this.#sink) continue
      if (this.#call[e] === call) {
        const previous = this.#last[e]!
        first[j] = previous
        target[previous] = this.#sink
        const depth = this.#depth[previous]! + 1
        this.#depth[j] = depth
        if (depth > longest) longest = depth
      }
      this.#call[e] = call
      this.#last[e] = j
    }
    const needed = Math.ceil(Math.log2(longest))
    for (let k = 1; k < needed; k++) {
      if (this.#rounds.length === k) this.#rounds.push(new Int32Array(entry.length))
      const before = this.#rounds[k - 1]!
      const round = this.#rounds[k]!
      for (let j = 0; j <= idle; j++) round[j] = before[before[j]!]!
    }
    return this.#rounds.slice(0, needed)
  }
}
