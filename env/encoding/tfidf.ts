import { z } from 'zod'
import { ConfigError, StateError } from '../errors.js'
import type { SparseVector } from '../sparse-matrix.js'
import { Analyzer, type TextVersion } from './analyzer.js'
import { IntegerList } from './byte-text.js'
import type { Encoder, EncoderRow } from './encoder.js'
import { fitted, type Tensors, tensorOf, vector } from './fitted-arrays.js'
import { murmur3 } from './murmur3.js'
import { TermTable } from './term-table.js'

/** Columns are either the terms of the training rows or, hashed, 2^hashBits buckets. */
export const tfidfConfig = z
  .strictObject({
    id: z.literal('tfidf'),
    analyzer: z.enum(['word', 'char', 'char_wb']).default('word'),
    ngrams: z.tuple([z.int().min(1).max(10), z.int().min(1).max(10)]).default([1, 2]),
    hashBits: z.int().min(4).max(22).optional().describe('hash terms into 2^hashBits columns; default: a vocabulary'),
    minDocuments: z.int().min(1).default(1).describe('drop terms that fewer training rows hold'),
    maxFeatures: z.int().min(1).optional().describe('keep the terms that are most frequent in the training rows'),
    sublinearTf: z.boolean().default(false).describe('1 + ln(count) instead of the count'),
    smoothIdf: z.boolean().default(true).describe('as if one more row held every term once'),
    norm: z.enum(['l2', 'none']).default('l2'),
  })
  .refine((config) => config.ngrams[0] <= config.ngrams[1], { path: ['ngrams'], message: 'expected [least, most]' })
  .refine(
    (config) => config.hashBits === undefined || (config.maxFeatures === undefined && config.minDocuments === 1),
    {
      path: ['hashBits'],
      message: 'minDocuments and maxFeatures select a vocabulary; leave them out where terms are hashed',
    },
  )

export type TfidfConfig = z.infer<typeof tfidfConfig>

interface Fitted {
  /** Absent where terms are hashed. */
  readonly terms: TermTable | undefined
  /** f64 [columns] */
  readonly idf: Float64Array
}

/**
 * Term frequency times inverse document frequency: idf = ln((1 + n) / (1 + df)) + 1, or ln(n / df) + 1 unsmoothed, then
 * rows of length 1. With a vocabulary the numbers are those of scikit-learn's TfidfVectorizer. Deviations: words keep combining
 * marks, and in scripts without spaces characters stand for words (`TextVersion`). Where hashed:
 * the sign of a term's count is a bit of its hash, and idf is by bucket (an empty one counts as in one row).
 */
export class TfidfEncoder implements Encoder {
  readonly id = 'tfidf'
  readonly version: TextVersion
  readonly config: TfidfConfig
  readonly #analyzer: Analyzer
  readonly #touched = new IntegerList()
  #fitted: Fitted | undefined
  #count = new Int32Array(0)

  /** @param version - how texts are cut; bundles that were made with 1 go on as they were */
  constructor(config: TfidfConfig, version: TextVersion) {
    this.version = version
    this.config = config
    this.#analyzer = new Analyzer(config.analyzer, ...config.ngrams, version)
  }

  get size(): number {
    return fitted(this.id, this.#fitted).idf.length
  }

  /** @throws ConfigError when no term is left */
  fit(rows: readonly EncoderRow[]): void {
    const all = this.config.hashBits === undefined ? new TermTable() : undefined
    const documents = new IntegerList()
    const totals = new IntegerList()
    const buckets = 2 ** (this.config.hashBits ?? 0)
    for (let c = 0; all === undefined && c < buckets; c++) documents.push(0)
    for (const row of rows) {
      this.#countTerms(row, (bytes, start, end) => {
        const term = all!.add(bytes, start, end)
        if (term === documents.length) {
          documents.push(0)
          totals.push(0)
        }
        return term
      })
      for (let k = 0; k < this.#touched.length; k++) {
        const term = this.#touched.data[k]!
        if (this.#count[term] !== 0) documents.data[term]!++
        if (all !== undefined) totals.data[term]! += this.#count[term]!
        this.#count[term] = 0
      }
    }
    const kept = all === undefined ? undefined : this.#keep(all, documents, totals)
    const df = kept === undefined ? documents.data.slice(0, buckets) : Int32Array.from(kept, (t) => documents.data[t]!)
    this.#fitted = { terms: kept && all?.select(kept), idf: Float64Array.from(df, (n) => this.#idf(n, rows.length)) }
    this.#count = new Int32Array(df.length)
  }

  encode(row: EncoderRow, out: SparseVector): void {
    const { terms, idf } = fitted(this.id, this.#fitted)
    this.#countTerms(row, (bytes, start, end) => terms!.find(bytes, start, end))
    const touched = this.#touched.data.subarray(0, this.#touched.length).sort()
    const { sublinearTf, norm } = this.config
    out.clear()
    let squares = 0
    for (let k = 0; k < touched.length; k++) {
      const column = touched[k]!
      const count = this.#count[column]!
      this.#count[column] = 0
      if (count === 0) continue
      const tf = sublinearTf ? Math.sign(count) * (1 + Math.log(Math.abs(count))) : count
      const value = tf * idf[column]!
      squares += value * value
      out.push(column, value)
    }
    if (norm === 'none' || squares === 0) return
    const length = Math.sqrt(squares)
    for (let k = 0; k < out.length; k++) out.value[k]! /= length
  }

  /** `idf` f64 [columns]; with a vocabulary `terms` u8 [bytes] and `termStart` i32 [columns + 1], sorted by code point. */
  export(): Tensors {
    const { terms, idf } = fitted(this.id, this.#fitted)
    if (terms === undefined) return { idf: tensorOf(idf) }
    const { bytes, start } = terms.export()
    return { idf: tensorOf(idf), terms: tensorOf(bytes), termStart: tensorOf(start) }
  }

  load(tensors: Tensors): void {
    const { hashBits } = this.config
    const idf = vector(this.id, tensors, 'idf', Float64Array, hashBits === undefined ? undefined : 2 ** hashBits)
    let terms: TermTable | undefined
    if (hashBits === undefined) {
      const bytes = vector(this.id, tensors, 'terms', Uint8Array)
      const start = vector(this.id, tensors, 'termStart', Int32Array, idf.length + 1)
      const ascends = start.every((at, i) => at > (i === 0 ? -1 : start[i - 1]!))
      if (start[0] !== 0 || start[idf.length] !== bytes.length || !ascends) {
        throw new StateError(`encoder tfidf: termStart must ascend from 0 to ${bytes.length}, the length of terms`)
      }
      terms = new TermTable()
      for (let t = 0; t < idf.length; t++) terms.add(bytes, start[t]!, start[t + 1]!)
      if (terms.size !== idf.length) throw new StateError('encoder tfidf: a term comes twice')
    }
    this.#fitted = { terms, idf: idf.slice() }
    this.#count = new Int32Array(idf.length)
  }

  /** Counts the row's terms by column, and lists the columns met, each once unless its count came back to 0. */
  #countTerms(row: EncoderRow, columnOf: (bytes: Uint8Array, start: number, end: number) => number): void {
    const { text, terms } = this.#analyzer
    this.#analyzer.analyze(row.text)
    this.#touched.length = 0
    const { hashBits } = this.config
    const mask = 2 ** (hashBits ?? 0) - 1
    if (hashBits !== undefined && this.#count.length <= mask) this.#count = new Int32Array(mask + 1)
    for (let k = 0; k < terms.length; k += 2) {
      let column: number
      let step = 1
      if (hashBits === undefined) {
        column = columnOf(text.bytes, terms.data[k]!, terms.data[k + 1]!)
        if (column < 0) continue
        if (column >= this.#count.length) this.#growCount(column)
      } else {
        const hash = murmur3(text.bytes, terms.data[k]!, terms.data[k + 1]!)
        column = hash & mask
        step = hash < 0 ? -1 : 1
      }
      if (this.#count[column] === 0) this.#touched.push(column)
      this.#count[column]! += step
    }
  }

  #growCount(column: number): void {
    const longer = new Int32Array(Math.max(1024, 2 * column))
    longer.set(this.#count)
    this.#count = longer
  }

  /** Terms that enough rows hold, the most frequent of them (ties in order of code points), sorted by code point. */
  #keep(all: TermTable, documents: IntegerList, totals: IntegerList): number[] {
    const { minDocuments, maxFeatures } = this.config
    let kept = Array.from({ length: all.size }, (_, term) => term).filter((t) => documents.data[t]! >= minDocuments)
    if (maxFeatures !== undefined && kept.length > maxFeatures) {
      kept.sort((a, b) => totals.data[b]! - totals.data[a]! || all.compare(a, b))
      kept = kept.slice(0, maxFeatures)
    }
    if (kept.length === 0) {
      throw new ConfigError([{ path: 'encoder.tfidf', message: `no term is left of ${all.size}; lower minDocuments` }])
    }
    return kept.sort((a, b) => all.compare(a, b))
  }

  #idf(documents: number, rows: number): number {
    if (this.config.smoothIdf) return Math.log((1 + rows) / (1 + documents)) + 1
    return Math.log(Math.max(1, rows) / Math.max(1, documents)) + 1
  }
}
