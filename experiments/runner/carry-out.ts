import { CadreError } from '#env/errors.js'
import type { EnvironmentReferences } from '#results/store/references.js'
import type { EnvironmentRouting } from '#results/store/routing-records.js'
import type { RunStore } from '#results/store/run-store.js'
import type { RunPlan, TrialPlan } from '../plan/trial-plan.js'
import { describeFailure } from './describe-failure.js'
import { joinReferences, joinRouting } from './fold-references.js'
import type { JobPool } from './job.js'
import { unfinished } from './job-runner.js'
import type { ProgressEvent } from './progress.js'
import type { ReferenceResult, ReferenceTask } from './references.js'
import { referenceKey } from './shared-references.js'
import type { StopSignal } from './stop-signal.js'
import type { TrialOutcome } from './trial.js'

/**
 * Runs what is left; all tasks wait in one queue. References come first, they take longest; of a cross-validation each fold's
 * references come right before its trials, which share its encoded rows. When asked to stop, trials write their checkpoints;
 * references have none and are given up.
 * @param shared - references that needn't be computed, by environment label
 */
export async function carryOut(
  plan: RunPlan,
  todo: readonly TrialPlan[],
  store: RunStore,
  pool: JobPool,
  stop: StopSignal,
  report: (event: ProgressEvent) => void,
  shared: ReadonlyMap<string, EnvironmentReferences> = new Map(),
): Promise<void> {
  try {
    const references: Promise<ReferencePart | null>[] = []
    const trials: Promise<void>[] = []
    const begin = (some: readonly TrialPlan[]) => {
      for (const group of inStep(some)) trials.push(runTrials(group, plan, store, pool, stop, report))
    }
    const unknown = store.readReferences() === null
    const asked = unknown ? referenceTasks(plan).filter(({ environment }) => !shared.has(environment.label)) : []
    if (plan.folds === null) {
      references.push(...asked.map((task) => runReferences(task, pool)))
      begin(todo)
    } else {
      for (const fold of [...plan.folds, null]) {
        const now = asked.filter((task) => task.fold?.index === fold?.index)
        references.push(...now.map((task) => runReferences(task, pool)))
        begin(todo.filter((trial) => trial.fold?.index === fold?.index))
      }
    }
    const all = Promise.all(references).then((parts) => {
      const known = parts.filter((part) => part !== null)
      if (unknown && known.length === parts.length) writeReferences(plan, known, shared, store)
    })
    const outcomes = await Promise.allSettled([Promise.race([all, stop.whenRequested()]), ...trials])
    const broken = outcomes.find((outcome) => outcome.status === 'rejected')
    if (broken !== undefined) throw broken.reason
  } finally {
    await pool.close()
  }
}

/** What one task found out about an environment, on one fold where there are any. */
interface ReferencePart {
  readonly environment: string
  readonly found: ReferenceResult
}

/** One task an environment and fold. */
export function referenceTasks(plan: RunPlan): ReferenceTask[] {
  const { discount, references } = plan
  const { bestLocal, optimum } = references
  const { evaluation } = plan.trials[0]!
  return (plan.folds ?? [null]).flatMap((fold) =>
    Object.entries(plan.environments).map(([label, environment]) => ({
      environment,
      fold,
      discount,
      evaluation,
      optimum,
      localStarts: bestLocal?.on.includes(label) === true ? bestLocal.starts : 0,
      baselines: plan.baselines.filter((baseline) => baseline.on.includes(label)),
    })),
  )
}

/** @returns null where the run was asked to stop before it began */
async function runReferences(task: ReferenceTask, pool: JobPool): Promise<ReferencePart | null> {
  const found = await pool.run({ kind: 'references', task })
  return found === null ? null : { environment: task.environment.label, found }
}

/** @param parts - of every environment, in the order of the folds */
function writeReferences(
  plan: RunPlan,
  parts: readonly ReferencePart[],
  shared: ReadonlyMap<string, EnvironmentReferences>,
  store: RunStore,
): void {
  const found = Object.keys(plan.environments).map((label) => {
    return { label, folds: parts.filter((part) => part.environment === label).map((part) => part.found) }
  })
  const routed = found.flatMap(({ label, folds }): [string, EnvironmentRouting][] => {
    const scores = folds.flatMap(({ routing }) => (routing === null ? [] : [routing]))
    return scores.length === 0 ? [] : [[label, joinRouting(scores)]]
  })
  if (routed.length > 0) {
    store.writeRouting({ format: 'cadre-routing/1', environments: Object.fromEntries(routed) })
  }
  const environments = found.map(({ label, folds }) => {
    return [label, shared.get(label) ?? joinReferences(folds.map(({ references }) => references))] as const
  })
  const keys =
    plan.folds === null ? referenceTasks(plan).map((task) => [task.environment.label, referenceKey(task)]) : []
  store.writeReferences({
    environments: Object.fromEntries(environments),
    ...(keys.length === 0 ? {} : { keys: Object.fromEntries(keys) }),
  })
}

/** Trials that are carried out together: those on tensors that differ in their seeds only; others alone. */
function inStep(trials: readonly TrialPlan[]): readonly (readonly TrialPlan[])[] {
  const groups = new Map<string, TrialPlan[]>()
  for (const trial of trials) {
    const { id, algorithm, environment, fold, tensors } = trial
    const key = tensors === null ? id : JSON.stringify([algorithm.label, environment.label, fold?.index ?? null])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [trial])
    else group.push(trial)
  }
  return [...groups.values()]
}

/** What stops the whole run (the disk) goes up; what ends a worker is written down as the failure of its unfinished trials. */
async function runTrials(
  trials: readonly TrialPlan[],
  plan: RunPlan,
  store: RunStore,
  pool: JobPool,
  stop: StopSignal,
  report: (event: ProgressEvent) => void,
): Promise<void> {
  const { checkpointSeconds } = plan
  let outcomes: readonly TrialOutcome[]
  try {
    outcomes = await pool.run({ kind: 'trials', trials, checkpointSeconds })
  } catch (error) {
    if (error instanceof CadreError) {
      stop.request()
      throw error
    }
    outcomes = trials.map((trial) => {
      const known = store.trial(trial.id).readResult()
      // Of trials on tensors some may have ended well before the worker did.
      if (known?.status === 'done') return known
      const failed = { ...unfinished(trial, 'failed'), status: 'failed' as const, error: describeFailure(error) }
      store.trial(trial.id).prepare()
      store.trial(trial.id).writeResult(failed)
      return failed
    })
  }
  for (const { id, algorithm, environment, seed, status, final } of outcomes) {
    report({ type: 'trial-done', id, algorithm, environment, seed, status, final })
  }
}
