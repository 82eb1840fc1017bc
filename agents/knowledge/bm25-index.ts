/**
 * BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", section 3.2) with the idf of Lucene,
 * log(1 + (N - n + 1/2) / (n + 1/2)), which is never negative.
 *
 * Why not minisearch: on 240 paragraphs it takes 85 us a query where this takes under 10, and it finds less, because it counts a text's
 * length in distinct words (docs/benchmarks.md).
 */

export interface Bm25Settings {
  /** How soon more occurrences of a word stop counting: 0 at once. */
  readonly k1: number
  /** How much long texts are held back, 0 to 1. */
  readonly b: number
}

/** Found by a query. */
export interface Hit {
  /** Number of the text, as `add` gave it. */
  readonly slot: number
  readonly score: number
}

/** Texts that have a term, and how often: in no order, so that one is taken out in a step. */
interface Postings {
  slots: Int32Array
  counts: Int32Array
  size: number
}

/**
 * An inverted index of texts by their terms, changed in place: a query after any changes scores as an index built anew would. Numbers
 * of texts that were removed are used again.
 */
export class Bm25Index {
  readonly #settings: Bm25Settings
  readonly #ids = new Map<string, number>()
  readonly #terms: string[] = []
  readonly #postings: Postings[] = []
  /** [slots] its distinct terms and their counts; null where a slot is free. */
  readonly #texts: ({ readonly terms: Int32Array; readonly counts: Int32Array } | null)[] = []
  readonly #free: number[] = []
  /** [slots] terms of each text, repeated ones included. */
  #lengths = new Float64Array(16)
  #totalLength = 0
  #size = 0
  /** [slots] all 0 between queries. */
  #scores = new Float64Array(16)
  #touched = new Int32Array(16)

  constructor(settings: Bm25Settings) {
    this.#settings = settings
  }

  /** How many texts it holds. */
  get size(): number {
    return this.#size
  }

  /** Takes a text in. @returns its number */
  add(terms: readonly string[]): number {
    const counts = new Map<number, number>()
    for (const term of terms) {
      const id = this.#idOf(term)
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    return this.#insert(Int32Array.from(counts.keys()), Int32Array.from(counts.values()))
  }

  /** Takes out a text; does nothing where there is none of this number. */
  remove(slot: number): void {
    const text = this.#texts[slot]
    if (text === undefined || text === null) return
    for (const id of text.terms) {
      const postings = this.#postings[id]!
      const at = postings.slots.subarray(0, postings.size).indexOf(slot)
      const last = --postings.size
      postings.slots[at] = postings.slots[last]!
      postings.counts[at] = postings.counts[last]!
    }
    this.#totalLength -= this.#lengths[slot]!
    this.#texts[slot] = null
    this.#free.push(slot)
    this.#size--
  }

  /** Of how many texts a term is part. */
  frequency(term: string): number {
    const id = this.#ids.get(term)
    return id === undefined ? 0 : this.#postings[id]!.size
  }

  /** What a term counts: the fewer texts have it, the more. */
  idf(term: string): number {
    const n = this.frequency(term)
    return Math.log(1 + (this.#size - n + 0.5) / (n + 0.5))
  }

  /**
   * The texts that fit best, the best first; only those that share a term with the query. Of equal ones the lower number comes first,
   * unless told otherwise.
   * @param before - whether, of two texts of equal score, the first comes before the second
   */
  search(terms: readonly string[], top: number, before = (x: number, y: number) => x < y): Hit[] {
    const touched = this.#score(terms)
    const best: { slot: number; score: number }[] = []
    for (let k = 0; k < touched; k++) {
      const slot = this.#touched[k]!
      const score = this.#scores[slot]!
      this.#scores[slot] = 0
      const comesBefore = (other: Hit) => score > other.score || (score === other.score && before(slot, other.slot))
      if (best.length === top && !comesBefore(best[top - 1]!)) continue
      let at = best.length
      while (at > 0 && comesBefore(best[at - 1]!)) at--
      best.splice(at, 0, { slot, score })
      if (best.length > top) best.pop()
    }
    return best
  }

  /** Scores of given texts for a query, 0 where they share no term. */
  scores(terms: readonly string[], slots: readonly number[]): number[] {
    const touched = this.#score(terms)
    const scores = slots.map((slot) => this.#scores[slot] ?? 0)
    for (let k = 0; k < touched; k++) this.#scores[this.#touched[k]!] = 0
    return scores
  }

  /** Its texts as arrays, for a file; free slots are left out, and slots numbered anew in their order. */
  export(): Bm25Arrays {
    const texts = this.#texts.filter((text) => text !== null)
    const starts = new Int32Array(texts.length + 1)
    texts.forEach((text, k) => {
      starts[k + 1] = starts[k]! + text.terms.length
    })
    const total = starts[texts.length]!
    const terms = new Int32Array(total)
    const counts = new Int32Array(total)
    // Terms that no text has any more go.
    const known = new Map<number, number>()
    const names: string[] = []
    texts.forEach((text, k) => {
      text.terms.forEach((id, j) => {
        let own = known.get(id)
        if (own === undefined) {
          own = names.push(this.#terms[id]!) - 1
          known.set(id, own)
        }
        terms[starts[k]! + j] = own
      })
      counts.set(text.counts, starts[k]!)
    })
    return { names, starts, terms, counts }
  }

  /** Adds texts that were exported, in their order. The arrays have to fit each other. */
  load({ names, starts, terms, counts }: Bm25Arrays): void {
    const ids = names.map((name) => this.#idOf(name))
    for (let k = 0; k + 1 < starts.length; k++) {
      const [from, to] = [starts[k]!, starts[k + 1]!]
      this.#insert(
        Int32Array.from(terms.subarray(from, to), (own) => ids[own]!),
        counts.slice(from, to),
      )
    }
  }

  #idOf(term: string): number {
    let id = this.#ids.get(term)
    if (id === undefined) {
      id = this.#terms.push(term) - 1
      this.#ids.set(term, id)
      this.#postings.push({ slots: new Int32Array(2), counts: new Int32Array(2), size: 0 })
    }
    return id
  }

  #insert(terms: Int32Array, counts: Int32Array): number {
    const slot = this.#free.pop() ?? this.#texts.length
    this.#texts[slot] = { terms, counts }
    if (slot >= this.#lengths.length) this.#grow()
    let length = 0
    terms.forEach((id, k) => {
      const postings = this.#postings[id]!
      if (postings.size === postings.slots.length) {
        postings.slots = longer(postings.slots)
        postings.counts = longer(postings.counts)
      }
      postings.slots[postings.size] = slot
      postings.counts[postings.size] = counts[k]!
      postings.size++
      length += counts[k]!
    })
    this.#lengths[slot] = length
    this.#totalLength += length
    this.#size++
    return slot
  }

  #grow(): void {
    const lengths = new Float64Array(2 * this.#lengths.length)
    lengths.set(this.#lengths)
    this.#lengths = lengths
    this.#scores = new Float64Array(lengths.length)
    this.#touched = new Int32Array(lengths.length)
  }

  /** Fills in scores and which texts have one. @returns how many have */
  #score(terms: readonly string[]): number {
    const { k1, b } = this.#settings
    const scores = this.#scores
    const average = this.#size === 0 ? 1 : Math.max(1, this.#totalLength / this.#size)
    const fixed = k1 * (1 - b)
    const perTerm = (k1 * b) / average
    let touched = 0
    for (const term of terms) {
      const id = this.#ids.get(term)
      if (id === undefined) continue
      const { slots, counts, size } = this.#postings[id]!
      const weight = Math.log(1 + (this.#size - size + 0.5) / (size + 0.5)) * (k1 + 1)
      for (let k = 0; k < size; k++) {
        const slot = slots[k]!
        const count = counts[k]!
        if (scores[slot] === 0) this.#touched[touched++] = slot
        scores[slot]! += (weight * count) / (count + fixed + perTerm * this.#lengths[slot]!)
      }
    }
    return touched
  }
}

/** An index as arrays. */
export interface Bm25Arrays {
  /** Terms by their numbers here. */
  readonly names: readonly string[]
  /** [texts + 1] where the terms of each text begin. */
  readonly starts: Int32Array
  /** Numbers of distinct terms, text by text. */
  readonly terms: Int32Array
  /** How often each occurs in its text. */
  readonly counts: Int32Array
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(2 * array.length)
  twice.set(array)
  return twice
}
