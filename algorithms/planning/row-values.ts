/**
 * Values of consecutive rows, r + gamma P v: the inner loop of every Jacobi sweep. Where all rows of a model have the same
 * few entries they are written out, which saves looking up where a row begins: 20 to 30% of a sweep for 1 to 8 entries.
 */
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { expectation } from './expectation.js'

/**
 * Writes r + gamma P v of the rows [first, last) to out[0], out[1], ...; -Infinity for an empty row.
 * @param v - [S], reward units
 */
export type RowValues = (
  mdp: TabularMdp,
  gamma: number,
  v: Float64Array,
  first: number,
  last: number,
  out: Float64Array,
) => void

/** Rows of any length. */
const anyWidth: RowValues = (mdp, gamma, v, first, last, out) => {
  const { rowStart, successor, probability, reward } = mdp
  let from = rowStart[first]!
  for (let row = first; row < last; row++) {
    const to = rowStart[row + 1]!
    out[row - first] =
      from === to ? Number.NEGATIVE_INFINITY : reward[row]! + gamma * expectation(probability, successor, v, from, to)
    from = to
  }
}

const width1: RowValues = ({ successor: n, probability: p, reward }, gamma, v, first, last, out) => {
  for (let row = first; row < last; row++) out[row - first] = reward[row]! + gamma * (p[row]! * v[n[row]!]!)
}

const width2: RowValues = ({ successor: n, probability: p, reward }, gamma, v, first, last, out) => {
  for (let row = first, k = 2 * first; row < last; row++, k += 2) {
    out[row - first] = reward[row]! + gamma * (p[k]! * v[n[k]!]! + p[k + 1]! * v[n[k + 1]!]!)
  }
}

const width3: RowValues = ({ successor: n, probability: p, reward }, gamma, v, first, last, out) => {
  for (let row = first, k = 3 * first; row < last; row++, k += 3) {
    const sum = p[k]! * v[n[k]!]! + p[k + 1]! * v[n[k + 1]!]! + p[k + 2]! * v[n[k + 2]!]!
    out[row - first] = reward[row]! + gamma * sum
  }
}

const width4: RowValues = ({ successor: n, probability: p, reward }, gamma, v, first, last, out) => {
  for (let row = first, k = 4 * first; row < last; row++, k += 4) {
    const a = p[k]! * v[n[k]!]! + p[k + 1]! * v[n[k + 1]!]!
    const b = p[k + 2]! * v[n[k + 2]!]! + p[k + 3]! * v[n[k + 3]!]!
    out[row - first] = reward[row]! + gamma * (a + b)
  }
}

/** 4 entries written out, and 1 to 4 more. */
const width5to8 =
  (width: number): RowValues =>
  ({ successor: n, probability: p, reward }, gamma, v, first, last, out) => {
    for (let row = first, k = width * first; row < last; row++, k += width) {
      const a = p[k]! * v[n[k]!]! + p[k + 1]! * v[n[k + 1]!]!
      const b = p[k + 2]! * v[n[k + 2]!]! + p[k + 3]! * v[n[k + 3]!]!
      let rest = p[k + 4]! * v[n[k + 4]!]!
      if (width > 5) rest += p[k + 5]! * v[n[k + 5]!]!
      if (width > 6) rest += p[k + 6]! * v[n[k + 6]!]!
      if (width > 7) rest += p[k + 7]! * v[n[k + 7]!]!
      out[row - first] = reward[row]! + gamma * (a + b + rest)
    }
  }

const byWidth: readonly (RowValues | undefined)[] = [
  undefined,
  width1,
  width2,
  width3,
  width4,
  ...[5, 6, 7, 8].map(width5to8),
]

/** The fastest loop for a model's rows. */
export function rowValuesOf(mdp: TabularMdp): RowValues {
  const { rowStart } = mdp
  const rows = rowStart.length - 1
  const width = mdp.successor.length / rows
  const written = byWidth[width]
  if (written === undefined) return anyWidth
  for (let row = 0; row <= rows; row++) if (rowStart[row] !== row * width) return anyWidth
  return written
}
