import seedrandom from 'seedrandom'
import { byTask, stratifiedBootstrap } from './bootstrap.js'
import { probabilityOfImprovement } from './probability-of-improvement.js'
import { FEWEST_SEEDS } from './summarise.js'

/** The chance that a run of X scores higher than one of Y, with its 95% interval. */
export interface Improvement {
  readonly probability: number
  /** Null of fewer than `FEWEST_SEEDS` runs of a task. */
  readonly low: number | null
  readonly high: number | null
}

/** Where X stands against Y: the interval of the improvement above, around or below a half; unknown without one. */
export type Standing = 'ahead' | 'level' | 'behind' | 'unknown'

export interface ImprovementOptions {
  /** Seeds the resampling: equal texts and scores give equal intervals. */
  readonly stream: string
  /** Scores at most so far apart count as equal; one number, or one a task. Default 0. */
  readonly resolution?: number | readonly number[]
  /** Y is one exact value a task rather than runs that might have come out otherwise. Default false. */
  readonly exact?: boolean
}

/**
 * Probability of improvement of X over Y with a stratified bootstrap 95% interval (Agarwal et al. 2021, sections 4.1 and 4.3):
 * the runs of both are drawn within their tasks. Where every run of X is ahead of every one of Y, the interval is [1, 1].
 * @param x - [tasks][runs]
 * @param y - [tasks][runs], the same tasks in the same order
 * @throws ShapeError when the tasks differ in number or one has no runs
 */
export function improvement(
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  { stream, resolution = 0, exact = false }: ImprovementOptions,
): Improvement {
  const probability = probabilityOfImprovement(x, y, resolution)
  const few = [...x, ...(exact ? [] : y)].some((runs) => runs.length < FEWEST_SEEDS)
  if (few) return { probability, low: null, high: null }
  const sizes = [...x, ...y].map((runs) => runs.length)
  const statistic = (resampled: Float64Array) => {
    const drawn = byTask(resampled, sizes)
    return probabilityOfImprovement(drawn.slice(0, x.length), drawn.slice(x.length), resolution)
  }
  const uniform = seedrandom.alea(`bootstrap/improvement/${stream}`)
  return { probability, ...stratifiedBootstrap([...x, ...y], statistic, { uniform }) }
}

/** What an improvement says of X: it is level with Y where the interval holds a half. */
export function standingOf({ low, high }: Improvement): Standing {
  if (low === null || high === null) return 'unknown'
  return low > 0.5 ? 'ahead' : high < 0.5 ? 'behind' : 'level'
}
