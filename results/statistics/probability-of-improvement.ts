import { ShapeError } from '#env/errors.js'
import { mean } from './mean.js'

/**
 * Probability that a run of X scores higher than one of Y, on a task drawn at random (Agarwal et al. 2021, section 4.3):
 * the Mann-Whitney U statistic over the number of pairs, ties counting half, averaged over tasks.
 * @param x - [tasks][runs]
 * @param y - [tasks][runs], the same tasks in the same order
 * @param resolution - scores at most so far apart are tied; one number, or one a task
 * @throws ShapeError when the tasks differ in number or one has no runs
 */
export function probabilityOfImprovement(
  x: readonly ArrayLike<number>[],
  y: readonly ArrayLike<number>[],
  resolution: number | readonly number[] = 0,
): number {
  if (x.length !== y.length || [...x, ...y].some((runs) => runs.length === 0)) {
    throw new ShapeError(
      `probabilityOfImprovement: expected the same tasks, each with runs, got ${x.length} and ${y.length} tasks`,
    )
  }
  const of = (task: number) => (typeof resolution === 'number' ? resolution : resolution[task]!)
  return mean(x.map((runs, task) => shareOfWins(runs, y[task]!, of(task))))
}

/** Of all pairs of a run of X and one of Y. */
function shareOfWins(x: ArrayLike<number>, y: ArrayLike<number>, resolution: number): number {
  let wins = 0
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) {
      const difference = x[i]! - y[j]!
      wins += difference > resolution ? 1 : difference < -resolution ? 0 : 0.5
    }
  }
  return wins / (x.length * y.length)
}
