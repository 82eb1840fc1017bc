/** The entries of a factor's matrix that aren't 0, by rows. */
interface SparseMoves {
  readonly size: number
  /** States between neighbouring digits. */
  readonly place: number
  /** i32 [size + 1] */
  readonly first: Int32Array
  readonly to: Int32Array
  readonly probability: Float64Array
}

/**
 * Expected values after the factors have moved: W[y] = sum over s' of (product over f of moves[f][y_f, s'_f]) V[s'], one small
 * matrix after the other. With D digits and z entries a row, a factor costs z products a state instead of the joint matrix's
 * product of all z. Allocates nothing after it is made.
 */
export class Contraction {
  /** Most products that one value goes through, over all factors. */
  readonly products: number
  /** Smallest and largest product of row sums. */
  readonly minRowSum: number
  readonly maxRowSum: number
  readonly #factors: readonly SparseMoves[]
  readonly #spare: [Float64Array, Float64Array]

  /** @param moves - [F], f64 [D_f * D_f] each, as in `FactoredModel` */
  constructor(sizes: Int32Array, moves: readonly Float64Array[]) {
    let place = 1
    this.#factors = moves.map((matrix, f) => {
      const factor = sparse(matrix, sizes[f]!, place)
      place *= sizes[f]!
      return factor
    })
    let products = 0
    let least = 1
    let most = 1
    this.#factors.forEach(({ size, first, probability }) => {
      let longest = 0
      let low = 1
      let high = 1
      for (let digit = 0; digit < size; digit++) {
        const row = probability.subarray(first[digit]!, first[digit + 1]!)
        const sum = row.reduce((all, p) => all + p, 0)
        longest = Math.max(longest, row.length)
        low = Math.min(low, sum - row.length * Number.EPSILON)
        high = Math.max(high, sum + row.length * Number.EPSILON)
      }
      products += longest
      least *= low
      most *= high
    })
    this.products = products
    this.minRowSum = least
    this.maxRowSum = most
    this.#spare = [new Float64Array(place), new Float64Array(place)]
  }

  /** @param value - f64 [S]; returns f64 [S], which the next call writes over */
  apply(value: Float64Array): Float64Array {
    let from = value
    this.#factors.forEach((factor, f) => {
      const to = this.#spare[f % 2]!
      if (factor.place === 1) contractFirst(factor, from, to)
      else contract(factor, from, to)
      from = to
    })
    return from
  }
}

function sparse(matrix: Float64Array, size: number, place: number): SparseMoves {
  const first = new Int32Array(size + 1)
  const to: number[] = []
  const probability: number[] = []
  for (let from = 0; from < size; from++) {
    for (let next = 0; next < size; next++) {
      const p = matrix[from * size + next]!
      if (p === 0) continue
      to.push(next)
      probability.push(p)
    }
    first[from + 1] = to.length
  }
  return { size, place, first, to: Int32Array.from(to), probability: Float64Array.from(probability) }
}

/** The factor whose digit is the fastest: neighbours in memory. */
function contractFirst({ size, first, to, probability }: SparseMoves, value: Float64Array, out: Float64Array): void {
  for (let base = 0; base < value.length; base += size) {
    for (let digit = 0; digit < size; digit++) {
      let sum = 0
      for (let k = first[digit]!; k < first[digit + 1]!; k++) sum += probability[k]! * value[base + to[k]!]!
      out[base + digit] = sum
    }
  }
}

/** Any other: whole runs of states have the same digit, and up to four of them are added up in one pass. */
function contract(factor: SparseMoves, value: Float64Array, out: Float64Array): void {
  const { size, place, first, to, probability } = factor
  for (let outer = 0; outer < value.length; outer += size * place) {
    for (let digit = 0; digit < size; digit++) {
      const begin = outer + digit * place
      const end = begin + place
      let k = first[digit]!
      const last = first[digit + 1]!
      if (last - k === 4) {
        const [p0, p1, p2, p3] = [probability[k]!, probability[k + 1]!, probability[k + 2]!, probability[k + 3]!]
        const d0 = (to[k]! - digit) * place
        const d1 = (to[k + 1]! - digit) * place
        const d2 = (to[k + 2]! - digit) * place
        const d3 = (to[k + 3]! - digit) * place
        for (let s = begin; s < end; s++) {
          out[s] = p0 * value[s + d0]! + p1 * value[s + d1]! + (p2 * value[s + d2]! + p3 * value[s + d3]!)
        }
        continue
      }
      if (last - k === 2) {
        const [p0, p1] = [probability[k]!, probability[k + 1]!]
        const d0 = (to[k]! - digit) * place
        const d1 = (to[k + 1]! - digit) * place
        for (let s = begin; s < end; s++) out[s] = p0 * value[s + d0]! + p1 * value[s + d1]!
        continue
      }
      out.fill(0, begin, end)
      for (; k < last; k++) {
        const p = probability[k]!
        const d = (to[k]! - digit) * place
        for (let s = begin; s < end; s++) out[s]! += p * value[s + d]!
      }
    }
  }
}
