/** What scores are scaled by: the optimum is worth 1, acting at random 0. Null where not known. */
export interface ScoreScale {
  readonly optimum: number | null
  readonly random: number | null
  /** Smaller differences are rounding: `BOUNDS_APART` times what solvers leave open of the two. Default: what f64 resolves. */
  readonly resolution?: number
}

/** The two ends of a scale that there is something to gain between. */
export interface ScoreRange {
  readonly optimum: number
  readonly random: number
}

/** Two scores that differ by less than so many times what solvers leave open of both count as the same. */
export const BOUNDS_APART = 10

/** What f64 resolves of a difference of sums, as a share of the larger number. */
const ROUNDING = 1e-12

/** The ends of a scale; null where one isn't known, or acting at random is as good as far as anyone can tell. */
export function rangeOf({ optimum, random, resolution }: ScoreScale): ScoreRange | null {
  if (optimum === null || random === null) return null
  return optimum - random > leastDifference(optimum, random, resolution) ? { optimum, random } : null
}

/** Normalised scores at most so far apart are the same as far as anyone can tell; 0 where the scale has no range. */
export function normalisedResolution(scale: ScoreScale): number {
  const range = rangeOf(scale)
  if (range === null) return 0
  return leastDifference(range.optimum, range.random, scale.resolution) / (range.optimum - range.random)
}

/** (score - random) / (optimum - random); null where the scale has no range. */
export function normalisedScore(score: number, scale: ScoreScale): number | null {
  const range = rangeOf(scale)
  return range === null ? null : (score - range.random) / (range.optimum - range.random)
}

/** (optimum - score) / (optimum - random), the share of what can be gained that is missed; null as above. */
export function regret(score: number, scale: ScoreScale): number | null {
  const range = rangeOf(scale)
  return range === null ? null : (range.optimum - score) / (range.optimum - range.random)
}

function leastDifference(optimum: number, random: number, resolution = 0): number {
  return Math.max(resolution, ROUNDING * Math.max(Math.abs(optimum), Math.abs(random)))
}
