import { ShapeError } from '#env/errors.js'
import { mean } from './mean.js'

/**
 * Run-score performance profile (Agarwal et al. 2021, section 4.2): for each threshold the share of runs that score
 * above it, averaged over tasks.
 * @param scores - [tasks][runs]
 * @returns one share in [0, 1] a threshold
 * @throws ShapeError when there is no task, or one has no runs
 */
export function performanceProfile(scores: readonly ArrayLike<number>[], thresholds: readonly number[]): number[] {
  if (scores.length === 0 || scores.some((runs) => runs.length === 0)) {
    throw new ShapeError('performanceProfile: expected at least one task and one run in each; drop empty tasks')
  }
  return thresholds.map((threshold) => mean(scores.map((runs) => shareAbove(runs, threshold))))
}

function shareAbove(runs: ArrayLike<number>, threshold: number): number {
  let above = 0
  for (let i = 0; i < runs.length; i++) if (runs[i]! > threshold) above++
  return above / runs.length
}
