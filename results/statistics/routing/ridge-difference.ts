import type { EnvironmentRouting } from '../../store/routing-records.js'
import { mean } from '../mean.js'
import { pairedDifference } from '../paired-difference.js'
import { FEWEST_SEEDS, NO_INTERVAL } from '../summarise.js'
import { correctedInterval } from './corrected-interval.js'
import { byRepetition, type FoldValues } from './metric-interval.js'
import type { RoutedPolicy } from './policies-by-fold.js'

/** How far a policy is ahead of the run's ridge policy on the same folds; bootstrap 95% interval over folds. */
export interface RidgeDifference {
  /** Null of fewer folds than `FEWEST_SEEDS`. */
  readonly low: number | null
  readonly high: number | null
  readonly metric: 'apgr' | 'quality'
  /** The name of the ridge policy. */
  readonly against: string
  readonly mean: number
  /** Nadeau and Bengio's corrected resampled t interval, 95%; null of so few folds too. */
  readonly correctedLow: number | null
  readonly correctedHigh: number | null
}

/** The policy that others are held against: a baseline called "ridge" or "ridge...", else such an algorithm. */
export function ridgePolicy(policies: readonly RoutedPolicy[]): RoutedPolicy | undefined {
  const rank = ({ name, kind }: RoutedPolicy) => (name === 'ridge' ? 0 : 1) + (kind === 'baseline' ? 0 : 2)
  return policies.filter(({ name }) => name.startsWith('ridge')).sort((a, b) => rank(a) - rank(b))[0]
}

/** The difference over the folds that both have; null where there is none. */
export function ridgeDifference(
  values: FoldValues,
  ridge: FoldValues,
  folds: EnvironmentRouting['folds'],
  uniform: () => number,
): Omit<RidgeDifference, 'metric' | 'against'> | null {
  const both = folds.map((_, fold) => values[fold] !== null && ridge[fold] !== null)
  const mine = byRepetition(
    values.map((value, fold) => (both[fold] ? value : null)),
    folds,
  )
  const theirs = byRepetition(
    ridge.map((value, fold) => (both[fold] ? value : null)),
    folds,
  )
  if (mine.length === 0) return null
  const differences = mine.flatMap((stratum, i) => stratum.map((value, fold) => value - theirs[i]![fold]!))
  const testToTrain = mean(folds.filter((_, fold) => both[fold]).map((fold) => fold.testRows / fold.trainRows))
  const few = differences.length < FEWEST_SEEDS
  const corrected = few ? null : correctedInterval(differences, testToTrain)
  return {
    ...pairedDifference(mine, theirs, { uniform }),
    ...(few ? NO_INTERVAL : {}),
    correctedLow: corrected?.low ?? null,
    correctedHigh: corrected?.high ?? null,
  }
}
