/** An exact solution of a pipeline, by state number. */
export interface PipelineSolution {
  /** i32 [S], best action; -1 where no question comes. */
  readonly policy: Int32Array
  /** f64 [S * A], Q*; -Infinity where an action is illegal. */
  readonly q: Float64Array
}

/**
 * An exact solution that covers whatever state a live question is in. The model comes only to some of them: an agent that it takes for
 * sure may fail all the same, a grade that it never saw may be given, and somebody of an earlier stage may have gone down since. From such
 * a state it is solved when it is first come to.
 */
export class GrowingSolution {
  readonly #solve: (from: number | null) => PipelineSolution
  /** What is known so far; the same arrays as it grows. */
  readonly solution: { readonly policy: Int32Array; readonly q: Float64Array }
  readonly #numActions: number

  /** @param solve - the optimum from a state on; null: from where questions begin */
  constructor(solve: (from: number | null) => PipelineSolution) {
    this.#solve = solve
    const { policy, q } = solve(null)
    this.solution = { policy: policy.slice(), q: q.slice() }
    this.#numActions = q.length / policy.length
  }

  /** With an action in this state, and in all that the model comes to from it. */
  covering(state: number): PipelineSolution {
    const known = this.solution
    if (known.policy[state]! >= 0) return known
    const { policy, q } = this.#solve(state)
    const A = this.#numActions
    policy.forEach((action, s) => {
      if (action < 0 || known.policy[s]! >= 0) return
      known.policy[s] = action
      known.q.set(q.subarray(s * A, (s + 1) * A), s * A)
    })
    return known
  }
}
