/**
 * Discounted occupancy of a policy: d = start + gamma P^T d, the expected discounted number of visits to each state
 * (Puterman 1994, section 6.9.1). It sums to 1 / (1 - gamma) where nothing terminates and every step takes time 1.
 */
import { IterationLimitError } from '#env/errors.js'
import { checkDiscount, checkEpsilon } from './discount.js'
import { LinearSolver, type SparseRows } from './linear-system.js'
import type { PolicyChain } from './policy-chain.js'

/** Occupancies of one model's policies, using its work arrays again. */
export class OccupancySolver {
  readonly #solver = new LinearSolver('sum')
  readonly #transpose = new Transpose()

  /**
   * @param chain - the policy's chain on the model, with its discount
   * @param epsilon - bound on the sum of absolute errors, visits, > 0
   * @param initial - f64 [nodes], a first guess
   * @returns f64 [nodes], discounted visits of each node of the chain; an episode starts with the policy's initial memory
   * @throws IterationLimitError when f64 can't reach epsilon
   */
  solve(chain: PolicyChain, epsilon = 1e-9, initial?: Float64Array): Float64Array {
    const { mdp, discount } = chain
    checkDiscount('occupancy', discount)
    checkEpsilon('occupancy', epsilon)
    const start = new Float64Array(chain.numNodes)
    for (let s = 0; s < mdp.numStates; s++) if (mdp.start[s]! > 0) start[chain.initialNode(s)] = mdp.start[s]!
    const d = initial?.slice() ?? start.slice()
    const tolerance = epsilon * (1 - discount)
    const residual = this.#solver.solve(this.#transpose.of(chain, chain.numNodes), discount, start, d, tolerance)
    if (!(residual <= tolerance)) {
      throw new IterationLimitError(
        `occupancy: expected an error of at most ${epsilon}, but rounding in f64 leaves ${(residual / (1 - discount)).toExponential(1)} here; ask for a larger epsilon`,
      )
    }
    return d
  }
}

/** The transpose of a square sparse matrix; buffers grow and are used again. */
class Transpose implements SparseRows {
  first = new Int32Array(0)
  next = new Int32Array(0)
  probability = new Float64Array(0)

  of(rows: SparseRows, size: number): SparseRows {
    const entries = rows.first[size]!
    if (this.first.length !== size + 1) this.first = new Int32Array(size + 1)
    if (this.next.length < entries) {
      this.next = new Int32Array(entries)
      this.probability = new Float64Array(entries)
    }
    const { first, next, probability } = this
    // Counting sort by column: first[j + 1] runs from the begin of column j to its end.
    first.fill(0)
    for (let k = 0; k < entries; k++) first[rows.next[k]!]!++
    let end = 0
    for (let j = 0; j <= size; j++) {
      const count = first[j]!
      first[j] = end
      end += count
    }
    for (let i = 0, k = 0; i < size; i++) {
      for (const to = rows.first[i + 1]!; k < to; k++) {
        const place = first[rows.next[k]!]!++
        next[place] = i
        probability[place] = rows.probability[k]!
      }
    }
    // Every begin has moved to its column's end: shift them back by one.
    first.copyWithin(1, 0, size)
    first[0] = 0
    return this
  }
}
