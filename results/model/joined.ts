import { quantile } from '../statistics/quantile.js'

/** What was measured of one trial while it learned. */
export interface Measurement {
  /** Environment steps trained. */
  readonly step: number
  readonly value: number
}

/** What was measured of several trials at one moment. */
export interface JoinedMeasurements {
  readonly step: number
  readonly values: readonly number[]
}

/**
 * The measurements of several trials, moment by moment. Where trials measured at different steps, as those of folds of
 * different sizes do, they are joined measurement by measurement, at the median of their steps.
 */
export function joined(trials: readonly (readonly Measurement[])[]): JoinedMeasurements[] {
  const longest = trials.reduce<readonly Measurement[]>((most, one) => (one.length > most.length ? one : most), [])
  const known = new Set(longest.map(({ step }) => step))
  const alike = trials.every((one) => one.every(({ step }) => known.has(step)))
  const moments = new Map<number, { steps: number[]; values: number[] }>()
  for (const trial of trials) {
    trial.forEach(({ step, value }, place) => {
      const key = alike ? step : place
      const moment = moments.get(key) ?? { steps: [], values: [] }
      moments.set(key, moment)
      moment.steps.push(step)
      moment.values.push(value)
    })
  }
  return [...moments]
    .sort(([a], [b]) => a - b)
    .map(([, { steps, values }]) => ({
      step: Math.round(quantile(Float64Array.from(steps).sort(), 0.5)),
      values,
    }))
}
