import type { Passage } from '../contract/agent.js'

/** One record of a book: fields and what they hold. */
export type BookRecord = Readonly<Record<string, string>>

/** Records that are found by one of their fields: orders by number, products by name. */
export class RecordBook {
  readonly #name: string
  readonly #byKey = new Map<string, BookRecord>()
  /** Of any of its records. */
  readonly fields: ReadonlySet<string>

  /** @param name - of the file, for sources */
  constructor(name: string, key: string, records: readonly BookRecord[]) {
    this.#name = name
    this.fields = new Set(records.flatMap((record) => Object.keys(record)))
    for (const record of records) this.#byKey.set(normalised(record[key]!), record)
  }

  /**
   * A book from JSON: a list of objects whose values are texts, numbers or booleans.
   * @param key - field that every record has, with another value in each
   * @throws Error saying which record is wrong
   */
  static parse(name: string, bytes: Uint8Array, key: string): RecordBook {
    let json: unknown
    try {
      json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch (error) {
      throw new Error(`${name}: expected JSON, got something else: ${(error as Error).message}`)
    }
    if (!Array.isArray(json)) throw new Error(`${name}: expected a list of records, got ${typeof json}`)
    const seen = new Set<string>()
    const records = json.map((given: unknown, k): BookRecord => {
      const where = `${name}: record ${k + 1}`
      if (typeof given !== 'object' || given === null || Array.isArray(given))
        throw new Error(`${where}: expected an object`)
      const record: Record<string, string> = Object.create(null)
      for (const [field, value] of Object.entries(given)) {
        if (typeof value === 'object') throw new Error(`${where}: ${field}: expected a text or a number`)
        record[field] = String(value)
      }
      if (record[key] === undefined) throw new Error(`${where}: it has no field "${key}"`)
      const id = normalised(record[key])
      if (seen.has(id)) throw new Error(`${where}: ${key} "${record[key]}" is there twice`)
      seen.add(id)
      return record
    })
    return new RecordBook(name, key, records)
  }

  /** The record of a key, however it is written; undefined where there is none. */
  find(key: string): BookRecord | undefined {
    return this.#byKey.get(normalised(key))
  }

  /** A record as a passage: a line a field. */
  passageOf(key: string, record: BookRecord): Passage {
    const document = `${this.#name}#${key}`
    const text = Object.keys(record)
      .map((field) => lineOf(record, field))
      .join('\n')
    return { id: document, text, score: 1, source: { document, title: key } }
  }
}

/** How a field stands in the passage of its record. */
export function lineOf(record: BookRecord, field: string): string {
  return `${field}: ${record[field]}`
}

function normalised(key: string): string {
  return key.toLowerCase().replace(/[\s_-]+/g, '')
}
