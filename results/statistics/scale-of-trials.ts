import type { EnvironmentReferences } from '../store/references.js'
import type { TrialData } from '../store/run-data.js'
import type { ScoreScale } from './score-scale.js'

/**
 * The scale of an environment's scores. It has no optimum where some trial's last score was found another way than the
 * references were: one is then of whole episodes, the other of limited ones.
 */
export function scaleOfTrials(references: EnvironmentReferences | null, trials: readonly TrialData[]): ScoreScale {
  if (references === null) return { optimum: null, random: null }
  const { optimum, random, resolution = 0, method } = references
  const alike = trials.every(({ evaluations }) => (evaluations.at(-1)?.method ?? method) === method)
  return { optimum: alike ? optimum : null, random, resolution }
}
