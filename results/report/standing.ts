import type { Series, World } from '../figures/worlds.js'
import type { SummaryRow } from '../statistics/summarise.js'

/** A series that has a finished trial. */
export type FinishedSeries = Series & { readonly summary: SummaryRow }

/**
 * Where a learner stands against a fixed value: its whole 95% interval above, below, or around it. What solvers leave open
 * counts as around. Unknown of too few seeds for an interval.
 */
export type Standing = 'ahead' | 'level' | 'behind' | 'unknown'

export function standing(
  { low, high }: SummaryRow,
  value: number,
  { resolution }: Pick<World, 'resolution'>,
): Standing {
  if (low === null || high === null) return 'unknown'
  if (low > value + resolution) return 'ahead'
  return high < value - resolution ? 'behind' : 'level'
}

/** The learners of a world that have finished, best interquartile mean first. */
export function finishedSeries(world: World): FinishedSeries[] {
  return world.series
    .filter((series): series is FinishedSeries => series.summary !== null)
    .sort((a, b) => b.summary.iqm - a.summary.iqm)
}
