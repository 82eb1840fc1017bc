import { ShapeError } from '../errors.js'

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

/** Sparse rows, compressed: row r holds the entries rowStart[r] .. rowStart[r + 1] - 1, columns ascending. */
export interface SparseRows {
  readonly numColumns: number
  /** i32 [N + 1] */
  readonly rowStart: Int32Array
  /** i32 [entries] */
  readonly index: Int32Array
  /** f64 [entries] */
  readonly value: Float64Array
}

/** Joins rows into one compressed matrix. */
export class SparseRowsBuilder {
  readonly #entries = new SparseVector(1024)
  readonly #rowStart = [0]

  add(row: SparseVector): void {
    for (let k = 0; k < row.length; k++) this.#entries.push(row.index[k]!, row.value[k]!)
    this.#rowStart.push(this.#entries.length)
  }

  build(numColumns: number): SparseRows {
    const { index, value, length } = this.#entries
    return {
      numColumns,
      rowStart: Int32Array.from(this.#rowStart),
      index: index.slice(0, length),
      value: value.slice(0, length),
    }
  }
}
