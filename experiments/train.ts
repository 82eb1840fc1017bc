import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { writeReport } from '#results/report/write-report.js'
import { type RoutingSummary, routingSummary } from '#results/statistics/routing/summarise-routing.js'
import { type SummaryRow, summarise } from '#results/statistics/summarise.js'
import type { ReferenceFailure } from '#results/store/references.js'
import { readRun } from '#results/store/run-data.js'
import { RunLock } from '#results/store/run-lock.js'
import type { RunStore } from '#results/store/run-store.js'
import type { RunPlan, TrialPlan } from './plan/trial-plan.js'
import { carryOut, referenceTasks } from './runner/carry-out.js'
import type { Failure } from './runner/describe-failure.js'
import type { Entries } from './runner/entries.js'
import { InlinePool } from './runner/inline-pool.js'
import { moduleEntries } from './runner/module-entries.js'
import { nearestRun } from './runner/nearest-run.js'
import type { ProgressEvent } from './runner/progress.js'
import { openRun } from './runner/run-directory.js'
import { describeRun } from './runner/run-manifest.js'
import { findReferences } from './runner/shared-references.js'
import { runsBeside, takeFinishedTrials } from './runner/shared-trials.js'
import { StopSignal } from './runner/stop-signal.js'
import { ThreadPool } from './runner/thread-pool.js'

export interface TrainOptions {
  /** Folder that the run's own folder is made in. */
  readonly outDir: string
  /** Go on with an unfinished run. Default false. */
  readonly resume?: boolean
  /** Start a new run beside what is there. Default false. */
  readonly fresh?: boolean
  /** Worker threads; 0 = this thread. Default: one a core. */
  readonly workers?: number
  readonly onProgress?: (event: ProgressEvent) => void
  /** Aborting stops the run at its next chance, leaving checkpoints. */
  readonly signal?: AbortSignal
  /** Where names lead; values in hand need `workers: 0`. Default: what ships with Cadre, and users' files. */
  readonly entries?: Entries
}

/** What `cadre train --json` prints, and how the run ended. */
export interface TrainResult extends Partial<RoutingSummary> {
  readonly status: 'done' | 'stopped' | 'failed'
  /** Folder of the run. */
  readonly run: string
  /** The report's file; null when the run was stopped. */
  readonly report: string | null
  readonly seconds: number
  readonly summary: readonly SummaryRow[]
  readonly trials: readonly TrialEnd[]
  /** References that couldn't be computed; absent where none failed. */
  readonly failedReferences?: readonly (ReferenceFailure & { readonly environment: string })[]
  /** Of a cross-validation: the trainings on all rows, whose policies are the ones to serve. */
  readonly deployed?: readonly DeployedPolicy[]
}

/** How a trial ended, in short. */
export interface TrialEnd {
  readonly id: string
  readonly algorithm: string
  readonly environment: string
  readonly seed: number
  /** Of a cross-validation: repetition * folds + fold. */
  readonly fold?: number
  readonly status: 'done' | 'failed' | 'stopped'
  readonly final: number | null
  /** Why its policy is in no bundle; absent where it is. */
  readonly unsaved?: string
  /** What ended a failed trial. */
  readonly error?: Failure
}

/** A training on all rows. Its `final` is of rows that it learned from: no measure of what to expect. */
export interface DeployedPolicy extends TrialEnd {
  /** The bundle's folder; null where there is none. */
  readonly policy: string | null
}

/**
 * Carries a run out: references and trials side by side in worker threads, then statistics and the report. A run that is
 * finished already is read back instead.
 * @throws RunStateError when an unfinished run is there and it isn't said how to go on, or another process works on it
 * @throws StorageError when the run directory can't be written; `resume` goes on once it can
 */
export async function train(plan: RunPlan, options: TrainOptions): Promise<TrainResult> {
  const began = performance.now()
  const entries = options.entries ?? moduleEntries
  const report = untilDone(options.onProgress ?? (() => undefined))
  for (const message of plan.notes) report({ type: 'phase', message })
  let description: ReturnType<typeof describeRun> | undefined
  const describe = () => {
    description ??= describeRun(plan)
    return description
  }
  const { resume = false, fresh = false, outDir } = options
  const opened = openRun(plan, describe, { outDir, resume, fresh })
  const { store } = opened
  const lock = RunLock.acquire(store.directory)
  try {
    const all = [...plan.trials, ...plan.deployed]
    if (opened.state === 'new' && resume) report({ type: 'phase', message: nothingToResume(store) })
    // A value in hand may be another one by now, whatever it is called.
    const shares = opened.state !== 'finished' && !fresh && options.entries === undefined
    if (shares) {
      for (const { from, trials } of takeFinishedTrials(store, all)) {
        const some = `${trials} of ${all.length} trials`
        report({
          type: 'phase',
          message: `${some} ${trials === 1 ? 'is' : 'are'} taken from ${from}; --fresh trains all anew`,
        })
      }
    }
    const todo = all.filter(({ id }) => store.trial(id).readResult()?.status !== 'done')
    // A process killed just after a trial's end leaves the checkpoint behind.
    for (const trial of all) if (!todo.includes(trial)) store.trial(trial.id).removeCheckpoint()
    for (const trial of all) if (!todo.includes(trial)) reportDone(trial, store, report)
    if (opened.state === 'finished') {
      const made = opened.sameCode ? '' : `, by other code (cadre ${store.manifest.code.version})`
      report({ type: 'phase', message: `${store.directory}: finished before${made}; --fresh runs it again` })
    } else {
      const { stop, release } = StopSignal.following(options.signal)
      const threads = Math.min(options.workers ?? defaultThreads(), todo.length + 1)
      const storeOf = (trial: string) => store.trial(trial)
      const pool =
        threads > 0
          ? new ThreadPool({ threads, runDirectory: store.directory, stop, report })
          : new InlinePool({ entries, storeOf, stop, report })
      const shared = shares && plan.folds === null ? findReferences(store, referenceTasks(plan)) : undefined
      try {
        await carryOut(plan, todo, store, pool, stop, report, shared)
      } finally {
        release()
      }
    }
    return conclude(plan, store, began)
  } finally {
    lock.release()
  }
}

/** Why a run begins anew although it should go on. */
function nothingToResume({ directory, manifest }: RunStore): string {
  const nearest = nearestRun(runsBeside(directory), manifest)
  const none = `nothing to resume in ${dirname(directory)}: ${basename(directory)} begins at step 0`
  if (nearest === null) return none
  const { differences } = nearest
  const shown = differences.slice(0, 3).join('; ')
  const more = differences.length > 3 ? `; and ${differences.length - 3} more` : ''
  return `${none}. The nearest run is ${nearest.directory} (${shown}${more})`
}

/** Reads a run back: what came out, and the report where nothing is missing. */
function conclude(plan: RunPlan, store: RunStore, began: number): TrainResult {
  const data = readRun(store.directory)
  const trials = plan.trials.map((trial) => outcomeOf(trial, store))
  const deployed = plan.deployed.map((trial) => ({ ...outcomeOf(trial, store), policy: bundleOf(trial, store) }))
  const ends = [...trials, ...deployed].map(({ status }) => status)
  const failedReferences = Object.entries(data.references?.environments ?? {}).flatMap(
    ([environment, { failures = [] }]) => failures.map((failure) => ({ environment, ...failure })),
  )
  const stopped = ends.includes('stopped') || data.references === null
  return {
    status: stopped ? 'stopped' : ends.includes('failed') ? 'failed' : 'done',
    run: store.directory,
    report: stopped ? null : writeReport(store.directory),
    seconds: (performance.now() - began) / 1000,
    summary: summarise(data),
    trials,
    ...(failedReferences.length === 0 ? {} : { failedReferences }),
    ...(routingSummary(data) ?? {}),
    ...(plan.folds === null ? {} : { deployed }),
  }
}

function outcomeOf({ id, algorithm, environment, fold, seed }: TrialPlan, store: RunStore): TrialEnd {
  const result = store.trial(id).readResult()
  return {
    id,
    algorithm: algorithm.label,
    environment: environment.label,
    seed,
    ...(fold === null ? {} : { fold: fold.index }),
    status: result?.status ?? 'stopped',
    final: result?.final ?? null,
    ...(result?.unsaved === undefined ? {} : { unsaved: result.unsaved }),
    ...(result?.error === undefined ? {} : { error: result.error }),
  }
}

/** The folder of the policy that a trial stored; null where it can't be saved, or its training didn't end well. */
function bundleOf(trial: TrialPlan, store: RunStore): string | null {
  const policy = join(store.trial(trial.id).directory, 'policy')
  return existsSync(policy) ? policy : null
}

/** Threads report beside their results: what arrives of a trial after its end is dropped. */
function untilDone(report: (event: ProgressEvent) => void): (event: ProgressEvent) => void {
  const done = new Set<string>()
  return (event) => {
    if (event.type === 'trial' && done.has(event.id)) return
    if (event.type === 'trial-done') done.add(event.id)
    report(event)
  }
}

/** A trial that an earlier start of the run finished. */
function reportDone(trial: TrialPlan, store: RunStore, report: (event: ProgressEvent) => void): void {
  const { id, algorithm, environment, seed } = trial
  const final = store.trial(id).readResult()?.final ?? null
  report({
    type: 'trial-done',
    id,
    algorithm: algorithm.label,
    environment: environment.label,
    seed,
    status: 'done',
    final,
  })
}

/** One thread a core: trials keep a core each busy. */
function defaultThreads(): number {
  return availableParallelism()
}
