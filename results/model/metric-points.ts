import { quantile } from '../statistics/quantile.js'
import { FEWEST_SEEDS, type TrialGroup } from '../statistics/summarise.js'
import type { CurvePoint } from './figure-model.js'
import { joined } from './joined.js'

/**
 * The metrics of a group of trials by name, in the order in which they first occur: the median at each moment and, of enough
 * trials, the quartiles. Failed trials are left out.
 */
export function metricPoints(group: TrialGroup): ReadonlyMap<string, readonly CurvePoint[]> {
  const trials = group.trials.filter(({ result }) => result?.status !== 'failed')
  const names = [...new Set(trials.flatMap(({ metrics }) => metrics.map(({ name }) => name)))]
  return new Map(
    names.map((name) => {
      const measured = trials.map(({ metrics }) => metrics.filter((metric) => metric.name === name))
      const points = joined(measured).map(({ step, values }): CurvePoint => {
        const sorted = Float64Array.from(values).sort()
        const at = (p: number) => (values.length < FEWEST_SEEDS ? null : quantile(sorted, p))
        return { x: step, y: quantile(sorted, 0.5), low: at(0.25), high: at(0.75), of: values.length }
      })
      return [name, points]
    }),
  )
}
