import type { LearnerEntry } from '#algorithms/learner.js'
import type { EnvEntry } from '#env/registry.js'
import { seedList } from '../config/experiment-schema.js'
import type { LoadedEntry, LoadedExperiment } from '../config/loaded-experiment.js'
import { shortHash } from './short-hash.js'
import { type BaselinePlan, type PlannedEntry, type RunPlan, runFormat, type TrialPlan } from './trial-plan.js'

/** The trials of an experiment, environment by environment, algorithm by algorithm, seed by seed. */
export function planTrials(loaded: LoadedExperiment): RunPlan {
  const { settings, baseDir } = loaded
  const seeds = seedList(settings.seeds)
  const environments = loaded.environments.map(plannedEntry)
  const algorithms = loaded.algorithms.map((one) => ({ ...one, planned: plannedEntry(one) }))
  const trials = environments.flatMap((environment) =>
    algorithms
      .filter(({ on }) => on.includes(environment.label))
      .flatMap(({ planned, steps, rows }) =>
        seeds.map((seed) =>
          withId({
            algorithm: planned,
            environment,
            seed,
            discount: settings.discount,
            steps,
            rows,
            evaluation: settings.evaluation,
          }),
        ),
      ),
  )
  const baselines = loaded.baselines.map(({ label, ref, config, on }): BaselinePlan => ({ ...ref, label, config, on }))
  const references = {
    optimum: settings.references.optimum,
    bestLocal: loaded.bestLocal,
  }
  return {
    format: runFormat,
    name: settings.name,
    description: settings.description,
    hash: runHash(loaded, trials, references),
    discount: settings.discount,
    seeds,
    trials,
    environments: Object.fromEntries(environments.map((one) => [one.label, one])),
    algorithms: Object.fromEntries(algorithms.map(({ planned }) => [planned.label, planned])),
    baselines,
    references,
    checkpointSeconds: settings.checkpointSeconds,
    baseDir,
  }
}

/**
 * The id of a trial: first 16 hex digits of the sha256 of everything that decides its result. Labels and paths are left
 * out: the same settings under another name, or the same file elsewhere, give the same trial.
 */
export function trialId(trial: Omit<TrialPlan, 'id'>): string {
  const { algorithm, environment, seed, discount, steps, rows, evaluation } = trial
  return shortHash({
    format: runFormat,
    algorithm: identity(algorithm),
    environment: identity(environment),
    seed,
    discount,
    steps,
    rows,
    evaluation,
  })
}

/** Name, version, settings and file of an entry: what it is, wherever it lies. */
function identity({ name, version, config, sha256 }: Omit<PlannedEntry, 'label' | 'use'>): object {
  return { name, version, config, sha256 }
}

function withId(trial: Omit<TrialPlan, 'id'>): TrialPlan {
  return { id: trialId(trial), ...trial }
}

function plannedEntry(loaded: LoadedEntry<EnvEntry | LearnerEntry>): PlannedEntry {
  const { label, entry, ref, config } = loaded
  return { label, name: entry.name, version: entry.version, ...ref, config }
}

/** Labels count here: they are what the run's tables and curves are called by. */
function runHash(loaded: LoadedExperiment, trials: readonly TrialPlan[], references: RunPlan['references']): string {
  return shortHash({
    format: runFormat,
    trials: trials.map(({ id, algorithm, environment }) => [algorithm.label, environment.label, id]),
    baselines: loaded.baselines.map(({ label, entry, ref, config, on }) => ({
      label,
      name: entry.name,
      sha256: ref.sha256,
      config,
      on,
    })),
    references,
  })
}
