/**
 * k-nearest neighbours by cosine on sparse rows, through an inverted index: only rows that share a feature with the query
 * are looked at. What a query's neighbours reached is what is expected of it.
 */

import { ShapeError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { checkSparseMatrix, rowSquaredNorm } from './sparse-rows.js'

/** Rows by feature, of unit length; plain arrays, saved by copying. */
export interface NeighbourIndex {
  readonly rows: number
  readonly columns: number
  /** i32 [columns + 1] */
  readonly columnStart: Int32Array
  /** i32 [entries], rows in ascending order within a column */
  readonly row: Int32Array
  /** f64 [entries], divided by the length of their row */
  readonly value: Float64Array
}

/** Work space for queries of one index. */
export interface NeighbourSearch {
  /** f64 [rows]: cosines of the last query */
  readonly similarity: Float64Array
  /** i32 [k]: the nearest rows, nearest first; -1 beyond the rows there are */
  readonly nearest: Int32Array
}

/** @throws ShapeError or NonFiniteError where the matrix is malformed */
export function indexNeighbours(x: SparseMatrix): NeighbourIndex {
  checkSparseMatrix('indexNeighbours', x)
  const entries = x.rowStart[x.rows]!
  const columnStart = new Int32Array(x.columns + 1)
  for (let k = 0; k < entries; k++) columnStart[x.index[k]! + 1]! += 1
  for (let j = 0; j < x.columns; j++) columnStart[j + 1]! += columnStart[j]!
  const next = columnStart.slice()
  const row = new Int32Array(entries)
  const value = new Float64Array(entries)
  for (let i = 0; i < x.rows; i++) {
    const length = Math.sqrt(rowSquaredNorm(x, i))
    for (let k = x.rowStart[i]!; k < x.rowStart[i + 1]!; k++) {
      const place = next[x.index[k]!]!++
      row[place] = i
      value[place] = length > 0 ? x.value[k]! / length : 0
    }
  }
  return { rows: x.rows, columns: x.columns, columnStart, row, value }
}

/** @param k - neighbours, >= 1. @throws ShapeError otherwise */
export function neighbourSearch(index: NeighbourIndex, k: number): NeighbourSearch {
  if (!(Number.isInteger(k) && k > 0)) throw new ShapeError(`neighbourSearch: expected k >= 1, got ${k}`)
  return { similarity: new Float64Array(index.rows), nearest: new Int32Array(k) }
}

/**
 * Finds the k rows of the largest cosine with a query row, ties to the lower row number. Allocates nothing.
 * @returns how many were found: min(k, rows)
 * @throws ShapeError when the query's width or row doesn't fit
 */
export function findNeighbours(index: NeighbourIndex, search: NeighbourSearch, x: SparseMatrix, row: number): number {
  if (x.columns !== index.columns || !(row >= 0 && row < x.rows)) {
    throw new ShapeError(
      `findNeighbours: row ${row} of width ${x.columns} doesn't fit ${x.rows} rows, width ${index.columns}`,
    )
  }
  const { similarity, nearest } = search
  similarity.fill(0)
  const length = Math.sqrt(rowSquaredNorm(x, row))
  for (let k = x.rowStart[row]!; k < x.rowStart[row + 1]!; k++) {
    const scale = length > 0 ? x.value[k]! / length : 0
    const end = index.columnStart[x.index[k]! + 1]!
    for (let e = index.columnStart[x.index[k]!]!; e < end; e++) similarity[index.row[e]!]! += scale * index.value[e]!
  }
  let found = 0
  for (let i = 0; i < index.rows; i++) {
    const cosine = similarity[i]!
    if (found === nearest.length && !(cosine > similarity[nearest[found - 1]!]!)) continue
    let place = found < nearest.length ? found++ : found - 1
    while (place > 0 && similarity[nearest[place - 1]!]! < cosine) {
      nearest[place] = nearest[place - 1]!
      place--
    }
    nearest[place] = i
  }
  nearest.fill(-1, found)
  return found
}

/**
 * Mean of the neighbours' targets after `findNeighbours`, over those that are known.
 * @param targets - [rows * width], what each indexed row reached, such as quality for each model; NaN where unknown
 * @param out - f64 [width], written; NaN where no neighbour's is known
 * @throws ShapeError when the table doesn't fit
 */
export function neighbourMean(
  index: NeighbourIndex,
  search: NeighbourSearch,
  found: number,
  targets: ArrayLike<number>,
  out: Float64Array,
): void {
  const width = out.length
  if (targets.length !== index.rows * width || !(found > 0)) {
    throw new ShapeError(
      `neighbourMean: expected ${index.rows * width} targets and a neighbour, got ${targets.length} and ${found}`,
    )
  }
  for (let m = 0; m < width; m++) {
    let sum = 0
    let known = 0
    for (let n = 0; n < found; n++) {
      const target = targets[search.nearest[n]! * width + m]!
      if (Number.isNaN(target)) continue
      sum += target
      known++
    }
    out[m] = sum / known
  }
}
