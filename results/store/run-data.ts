import { RecordError } from '#env/errors.js'
import { ownValue } from '#env/own-value.js'
import type { Manifest, TrialPlan } from './manifest.js'
import type { References } from './references.js'
import type { RunRouting, TrialRouting } from './routing-records.js'
import { RunStore } from './run-store.js'
import type { Evaluation, Metric, PolicyViewRecord, TrialResult } from './trial-records.js'

/** One trial read back. */
export interface TrialData {
  readonly plan: TrialPlan
  /** Null while the trial isn't over. */
  readonly result: TrialResult | null
  readonly evaluations: readonly Evaluation[]
  /** What was measured while learning, in the order in which it was written. */
  readonly metrics: readonly Metric[]
  readonly policyView: PolicyViewRecord | null
  /** How it routes the held-out rows of its fold; null where it doesn't route rows of an outcome table. */
  readonly routing: TrialRouting | null
  /** Wall seconds spent learning; null where not recorded. */
  readonly seconds: number | null
}

/** A run read back: all that reports and figures are drawn from. */
export interface RunData {
  readonly manifest: Manifest
  readonly references: References | null
  /** Folds, baselines and oracle of the outcome tables; null where the run has none. */
  readonly routing: RunRouting | null
  /** In the order of the manifest. */
  readonly trials: readonly TrialData[]
}

/**
 * Reads a run directory, finished or not.
 * @throws RecordError naming the file and line that is malformed
 */
export function readRun(directory: string): RunData {
  const store = RunStore.open(directory)
  const trials = store.manifest.trials.map((plan): TrialData => {
    const trial = store.trial(plan.id)
    return {
      plan,
      result: trial.readResult(),
      evaluations: trial.readEvaluations(),
      metrics: trial.readMetrics(),
      policyView: trial.readPolicyView(),
      routing: trial.readRouting(),
      seconds: trial.readTimings().at(-1)?.seconds ?? null,
    }
  })
  const { manifest } = store
  const routing = store.readRouting()
  checkFolds(directory, routing, trials)
  return { manifest, references: store.readReferences(), routing, trials }
}

/** A trial of a fold that its environment doesn't have would be missing from every summary without a word. */
function checkFolds(directory: string, routing: RunRouting | null, trials: readonly TrialData[]): void {
  for (const { plan, routing: own } of trials) {
    const folds = ownValue(routing?.environments, plan.environment)?.folds.length
    if (own === null || folds === undefined || own.fold < folds) continue
    throw new RecordError(
      `${directory}: trials/${plan.id}/routing.json: fold: expected one of the ${folds} folds of "${plan.environment}", got ${own.fold}; run the trial again`,
    )
  }
}
