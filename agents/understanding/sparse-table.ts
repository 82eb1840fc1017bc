import type { Tensors } from '#env/encoding/fitted-arrays.js'
import { ShapeError } from '#env/errors.js'
import type { TensorReader } from './tensor-reader.js'

/** Weights nearer to 0 than this are no weights: they would take room, and change nothing that one can see. */
const least = 0.01

/** Sets small weights to 0. */
export function dropSmall(weights: Float32Array): void {
  for (let i = 0; i < weights.length; i++) if (Math.abs(weights[i]!) < least) weights[i] = 0
}

/**
 * A table of weights, most of them 0, as arrays: `value` f32 [n], `column` u8 [n] (or [2 n], the low byte first, where there are more
 * than 256 columns), `count` i32 [rows].
 */
export function packTable(weights: Float32Array, columns: number): Tensors {
  if (columns > 65_536) throw new ShapeError(`packTable: expected at most 65536 columns, got ${columns}`)
  const rows = weights.length / columns
  const width = columns > 256 ? 2 : 1
  const count = new Int32Array(rows)
  const n = weights.reduce((sum, w) => sum + (w === 0 ? 0 : 1), 0)
  const value = new Float32Array(n)
  const column = new Uint8Array(n * width)
  let at = 0
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) {
      const w = weights[row * columns + c]!
      if (w === 0) continue
      value[at] = w
      column[at * width] = c & 255
      if (width === 2) column[at * 2 + 1] = c >> 8
      count[row]!++
      at++
    }
  }
  return {
    value: { shape: [n], data: value },
    column: { shape: [n * width], data: column },
    count: { shape: [rows], data: count },
  }
}

/**
 * The table, dense: f32 [rows, columns].
 * @throws BundleError where an entry lies outside it
 */
export function unpackTable(tensors: TensorReader, rows: number, columns: number): Float32Array {
  const width = columns > 256 ? 2 : 1
  const count = tensors.take('count', Int32Array, rows)
  const value = tensors.take('value', Float32Array)
  const column = tensors.take('column', Uint8Array, value.length * width)
  const weights = new Float32Array(rows * columns)
  let at = 0
  for (let row = 0; row < rows; row++) {
    let before = -1
    const end = at + count[row]!
    if (!(count[row]! >= 0 && end <= value.length))
      throw tensors.refuse('count', `row ${row} has ${count[row]} entries`)
    for (; at < end; at++) {
      const c = width === 1 ? column[at]! : column[2 * at]! | (column[2 * at + 1]! << 8)
      if (c >= columns || c <= before) throw tensors.refuse('column', `entry ${at} is ${c}, of ${columns} that ascend`)
      weights[row * columns + c] = value[at]!
      before = c
    }
  }
  if (at !== value.length) throw tensors.refuse('count', `${at} entries in all, but ${value.length} values`)
  return weights
}
