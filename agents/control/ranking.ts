/** Agents in the order in which they shall be asked, by their numbers. */
export interface Ranking {
  /** i32 [n], best first */
  readonly order: Int32Array
  /** f64 [n] by agent, higher is better; null where agents aren't scored */
  readonly scores: Float64Array | null
  /** f64 [n] by agent, summing to 1, where the first one is drawn; null where it is the first of `order` */
  readonly probabilities: Float64Array | null
}

/** Ranks a team's agents for a prompt: a trained policy, or a rule for teams without one. */
export interface Ranker {
  /** What a choice by it is called in headers and logs. */
  readonly reason: string
  /** The encoded prompt of the last decision, where it is encoded. */
  readonly features?: { readonly index: Int32Array; readonly value: Float32Array }
  /** Valid until the next call. */
  rank(text: string): Ranking
}
