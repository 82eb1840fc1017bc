import type { EnvironmentRouting } from '../../store/routing-records.js'
import { stratifiedBootstrap } from '../bootstrap.js'
import { mean } from '../mean.js'
import { FEWEST_SEEDS, NO_INTERVAL } from '../summarise.js'

/** A value for each fold of an environment, null where there is none. */
export type FoldValues = readonly (number | null)[]

/** A metric over folds: mean, and the bootstrap 95% interval of the mean, folds drawn within their repetition. */
export interface MetricInterval {
  readonly mean: number
  /** Null of fewer folds than `FEWEST_SEEDS`. */
  readonly low: number | null
  readonly high: number | null
  /** Folds that have a value; only where some don't. */
  readonly reached?: number
  /** Folds in all; only with `reached`. */
  readonly of?: number
}

/** Values sorted into repetitions, nulls left out: the strata that intervals are drawn in. */
export function byRepetition(values: FoldValues, folds: EnvironmentRouting['folds']): number[][] {
  const strata = new Map<number, number[]>()
  values.forEach((value, fold) => {
    if (value === null) return
    const { repetition } = folds[fold]!
    strata.set(repetition, [...(strata.get(repetition) ?? []), value])
  })
  return [...strata.values()]
}

/** Mean and interval over the folds that have a value; null where none has. */
export function metricInterval(
  values: FoldValues,
  folds: EnvironmentRouting['folds'],
  uniform: () => number,
): MetricInterval | null {
  const strata = byRepetition(values, folds)
  const known = strata.flat()
  if (known.length === 0) return null
  const missing = known.length === values.length ? {} : { reached: known.length, of: values.length }
  const interval = known.length < FEWEST_SEEDS ? NO_INTERVAL : stratifiedBootstrap(strata, mean, { uniform })
  return { mean: mean(known), ...interval, ...missing }
}
