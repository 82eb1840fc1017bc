/** One thing measured: how much work a second. */
export interface Benchmark {
  /** Path-like, such as `tabular/independent-q/routing-dispatch`: scripts rely on it. */
  readonly name: string
  /** What is counted. */
  readonly unit: string
  /** Prepares, and returns one round of work and how much it counts, or why it can't be measured here. */
  prepare(): Promise<{ readonly work: number; run(): void | Promise<void> } | { readonly skipped: string }>
}

export interface Measurement {
  readonly name: string
  readonly perSecond: number
  /** One round by the wall clock, median. */
  readonly seconds: number
  /** Processor time of a round, all threads, the mean over rounds: what a busy machine doesn't change. */
  readonly processorSeconds?: number
  readonly unit: string
}
