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
export function rangeOf({ optimum, random, resolution = 0 }: ScoreScale): ScoreRange | null {
  if (optimum === null || random === null) return null
  const least = Math.max(resolution, ROUNDING * Math.max(Math.abs(optimum), Math.abs(random)))
  return optimum - random > least ? { optimum, random } : null
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
