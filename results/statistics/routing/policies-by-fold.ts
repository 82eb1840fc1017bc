import type { EnvironmentRouting, RoutingScore } from '../../store/routing-records.js'
import type { RunData, TrialData } from '../../store/run-data.js'
import { mean } from '../mean.js'

/** The metrics of a policy on one fold; `quality` is `accuracy` under the name it has with more than two models. */
export type MetricName = 'apgr' | 'cpt50' | 'cpt80' | 'quality' | 'accuracy' | 'cost' | 'aiq'

/** One policy over the folds of an environment. */
export interface RoutedPolicy {
  readonly name: string
  readonly kind: 'learned' | 'baseline'
  /** [folds], scores on each: one of a baseline, one a finished trial of an algorithm, none where none has finished. */
  readonly scores: readonly (readonly RoutingScore[])[]
}

/**
 * Learned policies in the order of the manifest, then baselines. A baseline that shares its name with an algorithm is
 * called "NAME (baseline)".
 */
export function policiesByFold(run: RunData, environment: string, routing: EnvironmentRouting): RoutedPolicy[] {
  const trials = new Map<string, TrialData[]>()
  for (const trial of run.trials) {
    if (trial.plan.environment !== environment || trial.routing === null) continue
    if (trial.result?.status !== 'done') continue
    const { algorithm } = trial.plan
    trials.set(algorithm, [...(trials.get(algorithm) ?? []), trial])
  }
  const learned = [...trials].map(([name, finished]): RoutedPolicy => {
    const scores = routing.folds.map((_, fold) =>
      finished.flatMap((trial) => (trial.routing!.fold === fold ? [trial.routing!.score] : [])),
    )
    return { name, kind: 'learned', scores }
  })
  const baselines = Object.entries(routing.baselines).map(([label, scores]): RoutedPolicy => {
    const name = trials.has(label) ? `${label} (baseline)` : label
    return { name, kind: 'baseline', scores: scores.map((score) => [score]) }
  })
  return [...learned, ...baselines]
}

/** A metric on one fold, averaged over the seeds that have it; null where none has. */
export function metricOnFold(scores: readonly RoutingScore[], metric: MetricName): number | null {
  const values = scores.flatMap((score) => {
    const value = score[metric === 'quality' ? 'accuracy' : metric]
    return value === null ? [] : [value]
  })
  return values.length === 0 ? null : mean(values)
}
