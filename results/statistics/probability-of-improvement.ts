import { ShapeError } from '#env/errors.js'
import { mean } from './mean.js'

/**
 * Probability that a run of X scores higher than one of Y, on a task drawn at random (Agarwal et al. 2021, section 4.3):
 * the Mann-Whitney U statistic over the number of pairs, ties counting half, averaged over tasks.
 * @param x - [tasks][runs]
 * @param y - [tasks][runs], the same tasks in the same order
 * @throws ShapeError when the tasks differ in number or one has no runs
 */
export function probabilityOfImprovement(x: readonly (readonly number[])[], y: readonly (readonly number[])[]): number {
  if (x.length !== y.length || [...x, ...y].some((runs) => runs.length === 0)) {
    throw new ShapeError(
      `probabilityOfImprovement: expected the same tasks, each with runs, got ${x.length} and ${y.length} tasks`,
    )
  }
  return mean(
    x.map((runs, task) => {
      let wins = 0
      for (const a of runs) for (const b of y[task]!) wins += a > b ? 1 : a === b ? 0.5 : 0
      return wins / (runs.length * y[task]!.length)
    }),
  )
}
