import { z } from 'zod'
import { StateError } from '../errors.js'
import type { SparseVector } from '../sparse-matrix.js'
import type { Encoder, EncoderRow } from './encoder.js'
import { fitted, type Tensors, tensorOf, vector } from './fitted-arrays.js'

export const groupConfig = z.strictObject({ id: z.literal('group') })

/** The group of a row (its subject or task), a column for each that the training rows name; others, and none, are all 0. */
export class GroupEncoder implements Encoder {
  readonly id = 'group'
  readonly version = '1'
  #columns: ReadonlyMap<string, number> | undefined

  get size(): number {
    return fitted(this.id, this.#columns).size
  }

  fit(rows: readonly EncoderRow[]): void {
    const names = rows.flatMap(({ group }) => (group === undefined ? [] : [group]))
    this.#columns = numbered([...new Set(names)].sort())
  }

  encode(row: EncoderRow, out: SparseVector): void {
    const column = row.group === undefined ? undefined : fitted(this.id, this.#columns).get(row.group)
    out.clear()
    if (column !== undefined) out.push(column, 1)
  }

  /** `names`: u8, JSON list of the groups in the order of their columns. */
  export(): Tensors {
    const names = [...fitted(this.id, this.#columns).keys()]
    return { names: tensorOf(new TextEncoder().encode(JSON.stringify(names))) }
  }

  load(tensors: Tensors): void {
    const bytes = vector(this.id, tensors, 'names', Uint8Array)
    let names: unknown
    try {
      names = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch {
      names = undefined
    }
    if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
      throw new StateError('encoder group: array "names": expected a JSON list of texts; the bundle was altered')
    }
    this.#columns = numbered(names as string[])
  }
}

function numbered(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, column) => [name, column]))
}
