import { NonFiniteError, ShapeError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'

/**
 * @throws ShapeError when row starts fall, arrays are too short or a column lies outside the matrix
 * @throws NonFiniteError when a value is NaN or infinite
 */
export function checkSparseMatrix(where: string, x: SparseMatrix): void {
  const { rows, columns, rowStart, index, value } = x
  if (rowStart.length < rows + 1 || rowStart[0] !== 0) {
    throw new ShapeError(`${where}: expected ${rows + 1} row starts from 0, got ${rowStart.length} from ${rowStart[0]}`)
  }
  for (let i = 0; i < rows; i++) {
    if (rowStart[i + 1]! < rowStart[i]!) throw new ShapeError(`${where}: row ${i} ends before it starts`)
  }
  const entries = rowStart[rows]!
  if (index.length < entries || value.length < entries) {
    throw new ShapeError(`${where}: expected ${entries} entries, got ${index.length} columns, ${value.length} values`)
  }
  for (let k = 0; k < entries; k++) {
    if (!(index[k]! >= 0 && index[k]! < columns)) {
      throw new ShapeError(`${where}: column ${index[k]} lies outside 0..${columns - 1}; check the encoder's width`)
    }
    if (!Number.isFinite(value[k]))
      throw new NonFiniteError(`${where}: expected finite values, got ${value[k]} at ${k}`)
  }
}

/** Inner product of a row with the entries offset..offset + columns - 1 of a dense table. Checks nothing: it is inner loops. */
export function rowDot(x: SparseMatrix, row: number, table: Float64Array, offset = 0): number {
  const { index, value } = x
  const end = x.rowStart[row + 1]!
  let sum = 0
  for (let k = x.rowStart[row]!; k < end; k++) sum += value[k]! * table[offset + index[k]!]!
  return sum
}

/** table[offset + column] += scale * x[row, column]. Checks nothing. */
export function addRow(x: SparseMatrix, row: number, scale: number, table: Float64Array, offset = 0): void {
  const { index, value } = x
  const end = x.rowStart[row + 1]!
  for (let k = x.rowStart[row]!; k < end; k++) table[offset + index[k]!]! += scale * value[k]!
}

/** Sum of the squares of a row. */
export function rowSquaredNorm(x: SparseMatrix, row: number): number {
  const end = x.rowStart[row + 1]!
  let sum = 0
  for (let k = x.rowStart[row]!; k < end; k++) sum += x.value[k]! * x.value[k]!
  return sum
}

/** Sum over a row of x^2 times the entry of a table at offset: a diagonal quadratic form. Checks nothing. */
export function rowQuadratic(x: SparseMatrix, row: number, diagonal: Float64Array, offset = 0): number {
  const { index, value } = x
  const end = x.rowStart[row + 1]!
  let sum = 0
  for (let k = x.rowStart[row]!; k < end; k++) sum += value[k]! * value[k]! * diagonal[offset + index[k]!]!
  return sum
}

/** Some rows, in the order given. @throws ShapeError when one isn't there */
export function selectRows(x: SparseMatrix, rows: Int32Array): SparseMatrix {
  const rowStart = new Int32Array(rows.length + 1)
  rows.forEach((row, r) => {
    if (!(row >= 0 && row < x.rows)) throw new ShapeError(`selectRows: row ${row} lies outside 0..${x.rows - 1}`)
    rowStart[r + 1] = rowStart[r]! + x.rowStart[row + 1]! - x.rowStart[row]!
  })
  const index = new Int32Array(rowStart[rows.length]!)
  const value = new Float32Array(index.length)
  rows.forEach((row, r) => {
    index.set(x.index.subarray(x.rowStart[row]!, x.rowStart[row + 1]!), rowStart[r])
    value.set(x.value.subarray(x.rowStart[row]!, x.rowStart[row + 1]!), rowStart[r])
  })
  return { rows: rows.length, columns: x.columns, rowStart, index, value }
}
