import type { Tensor } from '../policy.js'
import { type SparseMatrix, SparseMatrixBuilder, SparseVector } from '../sparse-matrix.js'

/** What an encoder reads: the query as the user wrote it. */
export interface EncoderRow {
  readonly text: string
  /** Subject, task or source of the query, where it is known; only an encoder that is told to reads it. */
  readonly group?: string | undefined
}

/**
 * Turns a query into numbers, the same ones in training and in service. Fitted on training rows only; made again from
 * its config and its fitted arrays, bit for bit, on any machine.
 */
export interface Encoder {
  readonly id: string
  /** Changes whenever the numbers change: part of a bundle. */
  readonly version: string
  /** Number of columns. @throws LifecycleError before `fit` or `load` */
  readonly size: number
  /** Learns what it needs (vocabulary, document frequencies, means) from training rows, forgetting what it knew. */
  fit(rows: readonly EncoderRow[]): void
  /** Replaces what `out` holds by the row's columns. Allocates nothing to speak of. @throws LifecycleError before `fit` or `load` */
  encode(row: EncoderRow, out: SparseVector): void
  /** The fitted arrays, by name. @throws LifecycleError before `fit` or `load` */
  export(): { readonly [name: string]: Tensor }
  /** Takes fitted arrays instead of fitting. @throws StateError when they don't fit the config */
  load(tensors: { readonly [name: string]: Tensor }): void
}

/** All rows, encoded. */
export function encodeRows(encoder: Encoder, rows: readonly EncoderRow[]): SparseMatrix {
  const builder = new SparseMatrixBuilder()
  const row = new SparseVector()
  for (const one of rows) {
    encoder.encode(one, row)
    builder.add(row)
  }
  return builder.build(encoder.size)
}
