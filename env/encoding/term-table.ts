import { ByteText, IntegerList } from './byte-text.js'
import { murmur3 } from './murmur3.js'

/** Numbers terms 0, 1, 2, ... in the order in which they are added. Terms are bytes; open addressing, linear probing. */
export class TermTable {
  readonly #bytes = new ByteText()
  readonly #start = new IntegerList()
  readonly #hash = new IntegerList()
  #slots = new Int32Array(1024).fill(-1)

  constructor() {
    this.#start.push(0)
  }

  get size(): number {
    return this.#hash.length
  }

  /** Bytes of all terms, one after the other, and the start of each, then the end of the last. */
  export(): { bytes: Uint8Array; start: Int32Array } {
    return {
      bytes: this.#bytes.bytes.slice(0, this.#bytes.length),
      start: this.#start.data.slice(0, this.#start.length),
    }
  }

  /** The number of the term at [start, end) of `bytes`, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slotOf(bytes, start, end, murmur3(bytes, start, end))]!
  }

  /** The number of the term, new or not. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = murmur3(bytes, start, end)
    const slot = this.#slotOf(bytes, start, end, hash)
    const known = this.#slots[slot]!
    if (known >= 0) return known
    const term = this.size
    this.#bytes.append(bytes, start, end)
    this.#start.push(this.#bytes.length)
    this.#hash.push(hash)
    this.#slots[slot] = term
    if (2 * this.size > this.#slots.length) this.#rehash()
    return term
  }

  /** Negative, 0 or positive as term a sorts before, with or after b: by bytes, which is by code point. */
  compare(a: number, b: number): number {
    const { bytes } = this.#bytes
    const start = this.#start.data
    const lengthA = start[a + 1]! - start[a]!
    const lengthB = start[b + 1]! - start[b]!
    for (let i = 0; i < Math.min(lengthA, lengthB); i++) {
      const difference = bytes[start[a]! + i]! - bytes[start[b]! + i]!
      if (difference !== 0) return difference
    }
    return lengthA - lengthB
  }

  /** A table of some of the terms, numbered in the order given. */
  select(terms: Iterable<number>): TermTable {
    const table = new TermTable()
    for (const term of terms) table.add(this.#bytes.bytes, this.#start.data[term]!, this.#start.data[term + 1]!)
    return table
  }

  #slotOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let term = this.#slots[slot]!; term >= 0; term = this.#slots[slot]!) {
      if (this.#hash.data[term] === hash && this.#same(term, bytes, start, end)) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #same(term: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#start.data[term]!
    if (this.#start.data[term + 1]! - from !== end - start) return false
    const own = this.#bytes.bytes
    for (let i = start, j = from; i < end; i++, j++) if (bytes[i] !== own[j]) return false
    return true
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1)
    const mask = this.#slots.length - 1
    for (let term = 0; term < this.size; term++) {
      let slot = this.#hash.data[term]! & mask
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask
      this.#slots[slot] = term
    }
  }
}
