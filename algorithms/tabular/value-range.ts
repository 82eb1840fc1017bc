import type { LearnerMetrics } from '../learner.js'

/** The least and the highest of some values, illegal ones (-Infinity) left out, as metrics. */
export function valueRange(values: Float64Array | Float32Array): LearnerMetrics {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value === Number.NEGATIVE_INFINITY) continue
    if (value < least) least = value
    if (value > most) most = value
  }
  return least <= most ? { 'q-min': least, 'q-max': most } : {}
}
