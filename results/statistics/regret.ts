/** What scores are scaled by: the optimum is worth 1, acting at random 0. Null where not known. */
export interface ScoreScale {
  readonly optimum: number | null
  readonly random: number | null
}

/** (score - random) / (optimum - random); null where either isn't known, or acting at random is as good. */
export function normalisedScore(score: number, scale: ScoreScale): number | null {
  const { optimum, random } = scale
  if (optimum === null || random === null || !(optimum > random)) return null
  return (score - random) / (optimum - random)
}

/** (optimum - score) / (optimum - random), the share of what can be gained that is missed; null as above. */
export function regret(score: number, scale: ScoreScale): number | null {
  const { optimum, random } = scale
  if (optimum === null || random === null || !(optimum > random)) return null
  return (optimum - score) / (optimum - random)
}
