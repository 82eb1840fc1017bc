import { IndexError, type TensorArray } from '../engine.js'
import type { Kernel, Kernels } from './kernel.js'
import { largestAt } from './largest.js'

/** @throws IndexError where it lies outside of 0..length - 1 */
function checked(what: string, index: number, length: number): number {
  if (index >= 0 && index < length) return index
  throw new IndexError(`${what}: expected an index from 0 to ${length - 1}, got ${index}`)
}

const gather: Kernel = ({ inputs: [x] }) => {
  const length = x!.shape.at(-1)!
  return ([values, indices], out) => {
    for (let row = 0; row < out.length; row++)
      out[row] = values![row * length + checked('gather', indices![row]!, length)]!
  }
}

const scatter: Kernel = ({ attributes }) => {
  const length = attributes.length as number
  return ([indices, values], out) => {
    out.fill(0)
    for (let row = 0; row < values!.length; row++)
      out[row * length + checked('scatter', indices![row]!, length)] = values![row]!
  }
}

const gatherRows: Kernel = ({ inputs: [table] }) => {
  const [rows, width] = table!.shape as [number, number]
  return ([values, indices], out) => {
    for (let k = 0; k < indices!.length; k++) {
      const row = checked('gatherRows', indices![k]!, rows)
      for (let d = 0; d < width; d++) out[k * width + d] = values![row * width + d]!
    }
  }
}

const scatterAddRows: Kernel = ({ shape }) => {
  const [rows, width] = shape as [number, number]
  return ([indices, values], out) => {
    out.fill(0)
    for (let k = 0; k < indices!.length; k++) {
      const row = checked('scatterAddRows', indices![k]!, rows)
      for (let d = 0; d < width; d++) out[row * width + d]! += values![k * width + d]!
    }
  }
}

/** The largest and the sum of exp(x - largest) over what the mask lets. */
function partition(what: string, row: TensorArray, mask: TensorArray): { largest: number; total: number } {
  const open = Float64Array.from(row.filter((_, k) => mask[k] !== 0))
  if (open.length === 0) throw new IndexError(`${what}: the mask of a row lets nothing; expected one choice at least`)
  const largest = open[largestAt(open, 0, open.length)]!
  return { largest, total: open.reduce((sum, x) => sum + Math.exp(x - largest), 0) }
}

/** A distribution row by row; 0 where the mask doesn't let. */
const distribution =
  (what: string, of: (x: number, largest: number, total: number) => number): Kernel =>
  ({ shape }) => {
    const length = shape.at(-1)!
    return ([x, mask], out) => {
      for (let from = 0; from < out.length; from += length) {
        const row = x!.subarray(from, from + length)
        const open = mask!.subarray(from, from + length)
        const { largest, total } = partition(what, row, open)
        for (let k = 0; k < length; k++) out[from + k] = open[k] === 0 ? 0 : of(row[k]!, largest, total)
      }
    }
  }

export const indexing: Kernels = {
  gather,
  scatter,
  gatherRows,
  scatterAddRows,
  softmax: distribution('softmax', (x, largest, total) => Math.exp(x - largest) / total),
  logSoftmax: distribution('logSoftmax', (x, largest, total) => x - largest - Math.log(total)),
}
