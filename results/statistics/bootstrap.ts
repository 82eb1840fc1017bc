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

/** Draws that lie task after task, as a statistic gets them, task by task. @param sizes - runs of each task */
export function byTask(resampled: Float64Array, sizes: readonly number[]): Float64Array[] {
  let end = 0
  return sizes.map((size) => {
    end += size
    return resampled.subarray(end - size, end)
  })
}

/**
 * Intervals of several statistics over the same draws, such as those of policies that played the same episodes: as
 * `stratifiedBootstrap`, with the places of the runs drawn instead of their scores.
 * @param sizes - runs of each task
 * @param statistics - writes every statistic of the draws, [tasks][runs] of indices, into its second argument
 * @param count - of statistics
 * @throws ShapeError when there is no task, or one has no runs
 */
export function jointBootstrap(
  sizes: readonly number[],
  statistics: (draws: readonly Int32Array[], out: Float64Array) => void,
  count: number,
  options: BootstrapOptions,
): Interval[] {
  const { uniform, repetitions = 2000, level = 0.95 } = options
  if (sizes.length === 0 || sizes.some((size) => size === 0)) {
    throw new ShapeError('jointBootstrap: expected at least one task and one run in each; drop empty tasks')
  }
  const draws = sizes.map((size) => new Int32Array(size))
  const results = Array.from({ length: count }, () => new Float64Array(repetitions))
  const out = new Float64Array(count)
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const task of draws) for (let i = 0; i < task.length; i++) task[i] = Math.floor(uniform() * task.length)
    statistics(draws, out)
    for (let k = 0; k < count; k++) results[k]![repetition] = out[k]!
  }
  return results.map((values) => {
    values.sort()
    return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) }
  })
}
