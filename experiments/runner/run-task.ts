import { TrialStore } from '#results/store/trial-store.js'
import { ModelCache } from '../evaluation/model-cache.js'
import type { TrialPlan } from '../plan/trial-plan.js'
import type { Entries } from './entries.js'
import type { ProgressEvent } from './progress.js'
import { computeReferences, type ReferenceResult, type ReferenceTask } from './references.js'
import { describeFailure, type TrialOutcome, TrialRunner } from './trial-runner.js'

/** What a worker is asked to do; plain data. */
export type Task =
  | {
      readonly kind: 'trial'
      readonly trial: TrialPlan
      readonly runDirectory: string
      readonly checkpointSeconds: number
    }
  | { readonly kind: 'references'; readonly task: ReferenceTask }

/** Null: references that weren't begun, as the run was asked to stop. */
export type TaskResult = TrialOutcome | ReferenceResult | null

/** What carries tasks out, in this thread. */
export class TaskRunner {
  readonly #entries: Entries
  readonly #models = new ModelCache()
  readonly #stopRequested: () => boolean
  readonly #report: (event: ProgressEvent) => void

  constructor(entries: Entries, stopRequested: () => boolean, report: (event: ProgressEvent) => void) {
    this.#entries = entries
    this.#stopRequested = stopRequested
    this.#report = report
  }

  /** @throws StorageError when the run directory can't be written, and whatever references fail with */
  async run(task: Task): Promise<TaskResult> {
    if (task.kind === 'references') {
      return this.#stopRequested() ? null : computeReferences(task.task, this.#entries, this.#models)
    }
    return this.#runTrial(task.trial, new TrialStore(task.runDirectory, task.trial.id), task.checkpointSeconds)
  }

  async #runTrial(trial: TrialPlan, store: TrialStore, checkpointSeconds: number): Promise<TrialOutcome> {
    const { id, algorithm, environment, seed } = trial
    const unfinished = {
      format: 'cadre-trial/1' as const,
      id,
      algorithm: algorithm.label,
      environment: environment.label,
      seed,
      steps: 0,
      final: null,
      best: null,
    }
    if (this.#stopRequested()) return { ...unfinished, status: 'stopped' }
    const entries = {
      world: await this.#entries.world(trial.environment, trial.fold),
      learner: await this.#entries.learner(trial.algorithm),
    }
    const around = {
      store,
      models: this.#models,
      checkpointSeconds,
      now: () => performance.now(),
      stopRequested: this.#stopRequested,
      report: this.#report,
    }
    let runner: TrialRunner
    try {
      runner = new TrialRunner(trial, entries, around)
    } catch (error) {
      store.prepare()
      const failed = { ...unfinished, status: 'failed' as const, error: describeFailure(error) }
      store.writeResult(failed)
      return failed
    }
    return runner.run()
  }
}
