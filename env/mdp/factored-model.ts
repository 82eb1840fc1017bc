/** Receives what a joint action may lead to before the factors move, one `add` an outcome. */
export interface AfterstateSink {
  /**
   * @param afterstate - numbered as states are
   * @param probability - in [0, 1]; those of one call to `outcomes` sum to 1
   * @param reward - the expected score of the whole step in this outcome (as `spec.score` aggregates it), what the factors' moves
   * earn or cost included; reward units
   */
  add(afterstate: number, probability: number, reward: number): void
}

/**
 * A model whose factors move independently once a decision is made. A state is a tuple of digits, one a factor; a step is a
 * decision, which leads to one of few afterstates, and then one move of each factor by its own matrix. Planning multiplies the values
 * by one small matrix a factor, so that the joint transition matrix, thousands of entries a row, is never made.
 *
 *     P(s' | s, a) = sum over afterstates y of P(y | s, a) * product over factors f of moves[f][y_f, s'_f]
 *
 * Its steps take time 1, and none of them ends the task.
 */
export interface FactoredModel {
  /** i32 [F], digits D_f of each factor; state = digit 0 + D_0 * (digit 1 + D_1 * ...), the environment's own number. */
  readonly sizes: Int32Array
  /** [F], f64 [D_f * D_f] each: moves[f][from * D_f + to], each row a distribution. */
  readonly moves: readonly Float64Array[]
  /** Every outcome of a joint action, [N * H], all of it legal in `state`, added to `sink`. */
  outcomes(state: number, jointAction: Int32Array, sink: AfterstateSink): void
}
