/** One thing measured: how much work a second. */
export interface Benchmark {
  /** Path-like, such as `tabular/independent-q/routing-dispatch`: scripts rely on it. */
  readonly name: string
  /** What is counted. */
  readonly unit: string
  /** Prepares, and returns one round of work and how much it counts. */
  prepare(): Promise<{ readonly work: number; run(): void }>
}

export interface Measurement {
  readonly name: string
  readonly perSecond: number
  readonly unit: string
}
