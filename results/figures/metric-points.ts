import { quantile } from '../statistics/quantile.js'
import type { TrialGroup } from '../statistics/summarise.js'

/** One metric of one algorithm's seeds at one moment of training. */
export interface MetricPoint {
  /** Environment steps trained. */
  readonly step: number
  readonly median: number
  /** The quartiles over seeds. */
  readonly low: number
  readonly high: number
  readonly seeds: number
}

/** The metrics of a group of trials by name, in the order in which they first occur; failed trials are left out. */
export function metricPoints(group: TrialGroup): ReadonlyMap<string, readonly MetricPoint[]> {
  const found = new Map<string, Map<number, number[]>>()
  for (const { metrics, result } of group.trials) {
    if (result?.status === 'failed') continue
    for (const { name, step, value } of metrics) {
      const steps = found.get(name) ?? new Map<number, number[]>()
      found.set(name, steps)
      const values = steps.get(step) ?? []
      steps.set(step, values)
      values.push(value)
    }
  }
  return new Map(
    [...found].map(([name, steps]) => {
      const points = [...steps].sort(([a], [b]) => a - b)
      return [name, points.map(([step, values]) => pointOf(step, values))]
    }),
  )
}

function pointOf(step: number, values: readonly number[]): MetricPoint {
  const sorted = Float64Array.from(values).sort()
  return {
    step,
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    seeds: values.length,
  }
}
