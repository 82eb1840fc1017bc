import seedrandom from 'seedrandom'
import { ownValue } from '#env/own-value.js'
import type { RunData, TrialData } from '../store/run-data.js'
import { type Interval, stratifiedBootstrap } from './bootstrap.js'
import { interquartileMean, sortedInterquartileMean } from './interquartile-mean.js'
import { scaleOfTrials } from './scale-of-trials.js'
import { normalisedScore, regret } from './score-scale.js'

/** One algorithm in one environment, over its seeds. Scores are those of the last policies. */
export interface SummaryRow {
  readonly algorithm: string
  readonly environment: string
  /** Finished trials that the row is over: seeds, or with a cross-validation seeds of all folds. */
  readonly seeds: number
  /** Folds that these trials are of; only with a cross-validation. */
  readonly folds?: number
  /** Interquartile mean of the scores. */
  readonly iqm: number
  /** Stratified bootstrap 95% interval of the interquartile mean; null of fewer than `FEWEST_SEEDS`. */
  readonly low: number | null
  readonly high: number | null
  /** Of the interquartile mean; null where no optimum is known. */
  readonly normalised: number | null
  readonly regret: number | null
}

/** All trials of one algorithm in one environment. */
export interface TrialGroup {
  readonly algorithm: string
  readonly environment: string
  readonly trials: readonly TrialData[]
}

/** Trials grouped by algorithm and environment, in the order in which the manifest first names each pair. */
export function groupTrials(run: RunData): TrialGroup[] {
  const groups = new Map<string, TrialData[]>()
  for (const trial of run.trials) {
    const key = JSON.stringify([trial.plan.algorithm, trial.plan.environment])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [trial])
    else group.push(trial)
  }
  return [...groups.values()].map((trials) => {
    const { algorithm, environment } = trials[0]!.plan
    return { algorithm, environment, trials }
  })
}

/** One row a pair of algorithm and environment that has a finished trial: the summary that scripts and tables read. */
export function summarise(run: RunData): SummaryRow[] {
  const rows: SummaryRow[] = []
  for (const { algorithm, environment, trials } of groupTrials(run)) {
    const scores = finalScores(trials)
    if (scores.length === 0) continue
    const scale = scaleOfTrials(ownValue(run.references?.environments, environment) ?? null, trials)
    const iqm = interquartileMean(scores)
    rows.push({
      algorithm,
      environment,
      seeds: scores.length,
      ...(numFolds(trials) > 0 ? { folds: numFolds(trials) } : {}),
      iqm,
      ...iqmInterval(scores, `${algorithm}/${environment}`),
      normalised: normalisedScore(iqm, scale),
      regret: regret(iqm, scale),
    })
  }
  return rows
}

/** Scores of the last policies of the trials that finished. */
export function finalScores(trials: readonly TrialData[]): number[] {
  return trials.flatMap(({ result }) => (result?.status === 'done' && result.final !== null ? [result.final] : []))
}

/** Folds of a cross-validation that finished trials are of; 0 without one. */
function numFolds(trials: readonly TrialData[]): number {
  const folds = trials.flatMap(({ result }) => (result?.status === 'done' ? (result.fold ?? []) : []))
  return new Set(folds).size
}

/** Fewer than so many scores say nothing of how far another would lie: no interval is given. */
export const FEWEST_SEEDS = 3

/** No interval at all. */
export const NO_INTERVAL = { low: null, high: null }

/**
 * Bootstrap 95% interval of the interquartile mean over the seeds of one task; nulls of fewer than `FEWEST_SEEDS`.
 * @param stream - seeds the resampling: equal texts and scores give equal intervals
 */
export function iqmInterval(scores: readonly number[], stream: string): Interval | typeof NO_INTERVAL {
  if (scores.length < FEWEST_SEEDS) return NO_INTERVAL
  return stratifiedBootstrap([scores], sortedInterquartileMean, { uniform: seedrandom.alea(`bootstrap/${stream}`) })
}
