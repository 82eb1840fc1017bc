import type { Measurement } from './benchmark.js'

/** One thing whose time matters each time, not on average. */
export interface LatencyBenchmark {
  /** Path-like, as of a `Benchmark`. */
  readonly name: string
  /** What is done again and again. */
  readonly unit: string
  measure(): Promise<Percentiles>
}

/** Milliseconds. */
export interface Percentiles {
  readonly p50Ms: number
  readonly p99Ms: number
}

/** What a latency benchmark found, in the form of all measurements. */
export async function measureLatency({ name, unit, measure }: LatencyBenchmark): Promise<Measurement & Percentiles> {
  const found = await measure()
  return { name, unit, perSecond: 1000 / found.p50Ms, seconds: found.p50Ms / 1000, ...found }
}

/** Percentiles by the nearest rank. */
export function percentiles(timesMs: readonly number[]): Percentiles {
  const sorted = [...timesMs].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}
