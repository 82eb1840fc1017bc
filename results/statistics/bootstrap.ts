import { ShapeError } from '#env/errors.js'
import { quantile } from './quantile.js'

/** A confidence interval. */
export interface Interval {
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  /** Numbers uniform in [0, 1): the same stream gives the same interval. */
  readonly uniform: () => number
  /** Resamples; 2000 when left out. */
  readonly repetitions?: number
  /** Confidence level in (0, 1); 0.95 when left out. */
  readonly level?: number
}

/**
 * Stratified bootstrap percentile interval (Agarwal et al. 2021, section 4.1): within each task its runs are drawn with
 * replacement, the statistic is taken over all tasks' draws together, and the interval spans the middle `level` of the
 * results.
 * @param scores - [tasks][runs], a score each; tasks may differ in runs
 * @param statistic - of all resampled scores, task after task; may reorder its argument
 * @throws ShapeError when there is no task, or one has no runs
 */
export function stratifiedBootstrap(
  scores: readonly (readonly number[])[],
  statistic: (resampled: Float64Array) => number,
  options: BootstrapOptions,
): Interval {
  const { uniform, repetitions = 2000, level = 0.95 } = options
  if (scores.length === 0 || scores.some((runs) => runs.length === 0)) {
    throw new ShapeError('stratifiedBootstrap: expected at least one task and one run in each; drop empty tasks')
  }
  if (!Number.isInteger(repetitions) || repetitions < 1 || !(level > 0 && level < 1)) {
    throw new ShapeError(
      `stratifiedBootstrap: expected repetitions >= 1 and level in (0, 1), got ${repetitions}, ${level}`,
    )
  }
  const resampled = new Float64Array(scores.reduce((total, runs) => total + runs.length, 0))
  const results = new Float64Array(repetitions)
  for (let repetition = 0; repetition < repetitions; repetition++) {
    let i = 0
    for (const runs of scores) {
      for (let run = 0; run < runs.length; run++) resampled[i++] = runs[Math.floor(uniform() * runs.length)]!
    }
    results[repetition] = statistic(resampled)
  }
  results.sort()
  return { low: quantile(results, (1 - level) / 2), high: quantile(results, (1 + level) / 2) }
}
