import type { Series, World } from '../figures/worlds.js'
import type { SummaryRow } from '../statistics/summarise.js'

/** A series that has a finished trial. */
export type FinishedSeries = Series & { readonly summary: SummaryRow }

/** Where a learner stands against a fixed value: its whole 95% interval above, below, or around it. */
export type Standing = 'ahead' | 'level' | 'behind'

export function standing(summary: SummaryRow, value: number): Standing {
  if (summary.low > value) return 'ahead'
  return summary.high < value ? 'behind' : 'level'
}

/** The learners of a world that have finished, best interquartile mean first. */
export function finishedSeries(world: World): FinishedSeries[] {
  return world.series
    .filter((series): series is FinishedSeries => series.summary !== null)
    .sort((a, b) => b.summary.iqm - a.summary.iqm)
}
