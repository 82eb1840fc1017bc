import { ShapeError } from './errors.js'

/** One sparse row, used over and over: it grows when it must and is never shrunk. Columns ascend. */
export class SparseVector {
  /** i32, columns; the first `length` are valid. */
  index: Int32Array
  /** f64, values at those columns. */
  value: Float64Array
  length = 0

  constructor(capacity = 256) {
    this.index = new Int32Array(capacity)
    this.value = new Float64Array(capacity)
  }

  clear(): void {
    this.length = 0
  }

  push(column: number, value: number): void {
    if (this.length === this.index.length) {
      const { index, value: values } = this
      this.index = new Int32Array(2 * index.length + 1)
      this.value = new Float64Array(2 * values.length + 1)
      this.index.set(index)
      this.value.set(values)
    }
    this.index[this.length] = column
    this.value[this.length] = value
    this.length++
  }

  /** Writes the row, zeros included, to `out` at [offset, offset + size). */
  writeDense(out: Float32Array | Float64Array, offset: number, size: number): void {
    if (offset < 0 || offset + size > out.length) {
      throw new ShapeError(`SparseVector: ${size} columns at ${offset} don't fit into ${out.length} entries`)
    }
    out.fill(0, offset, offset + size)
    for (let k = 0; k < this.length; k++) out[offset + this.index[k]!] = this.value[k]!
  }
}

/** A sparse matrix in compressed rows: entries of row i are rowStart[i]..rowStart[i + 1] - 1, columns ascending. */
export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** i32 [rows + 1], from 0, never falling */
  readonly rowStart: Int32Array
  /** i32 [entries], columns; each at most once in a row */
  readonly index: Int32Array
  /** f32 [entries]: what learners and live policies alike compute with */
  readonly value: Float32Array
}

/** Joins rows into one compressed matrix. */
export class SparseMatrixBuilder {
  readonly #entries = new SparseVector(1024)
  readonly #rowStart = [0]

  add(row: SparseVector): void {
    for (let k = 0; k < row.length; k++) this.#entries.push(row.index[k]!, row.value[k]!)
    this.#rowStart.push(this.#entries.length)
  }

  build(columns: number): SparseMatrix {
    const { index, value, length } = this.#entries
    return {
      rows: this.#rowStart.length - 1,
      columns,
      rowStart: Int32Array.from(this.#rowStart),
      index: index.slice(0, length),
      value: Float32Array.from(value.subarray(0, length)),
    }
  }
}

/** A matrix of one row that is written over and over: what a live policy sees of the query in hand. */
export class SingleRow implements SparseMatrix {
  readonly rows = 1
  readonly columns: number
  readonly rowStart = new Int32Array(2)
  index = new Int32Array(256)
  value = new Float32Array(256)

  constructor(columns: number) {
    this.columns = columns
  }

  /** Takes a row over, rounded to f32 as `SparseMatrixBuilder` does; allocates only to grow. */
  set(row: SparseVector): void {
    const { length } = row
    if (length > this.index.length) {
      this.index = new Int32Array(2 * length)
      this.value = new Float32Array(2 * length)
    }
    for (let k = 0; k < length; k++) {
      this.index[k] = row.index[k]!
      this.value[k] = row.value[k]!
    }
    this.rowStart[1] = length
  }
}
