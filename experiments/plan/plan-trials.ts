import { ConfigError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import { seedList } from '../config/experiment-schema.js'
import type { Budget, LoadedExperiment } from '../config/loaded-experiment.js'
import { plannedEntry, plannedEnv } from './planned-entry.js'
import { shortHash } from './short-hash.js'
import {
  type BaselinePlan,
  type FoldPlan,
  type PlannedEntry,
  type PlannedEnv,
  type RunPlan,
  runFormat,
  type TrialPlan,
} from './trial-plan.js'

/**
 * The trials of an experiment, environment by environment, fold by fold, algorithm by algorithm, seed by seed: trials of one
 * fold follow each other, as they share its encoded rows.
 */
export function planTrials(loaded: LoadedExperiment): RunPlan {
  const { settings, baseDir } = loaded
  const seeds = seedList(settings.seeds)
  const environments = loaded.environments.map(plannedEnv)
  const folds = settings.folds === undefined ? null : foldPlans(settings.folds)
  const algorithms = loaded.algorithms.map((one) => ({
    ...one,
    planned: { ...plannedEntry(one), ...(one.team === undefined ? {} : { team: one.team }) },
  }))
  const trialsOf = (environment: PlannedEnv, fold: FoldPlan | null, trialSeeds: readonly number[]) =>
    algorithms
      .filter(({ on }) => on.includes(environment.label))
      .flatMap(({ planned, budget, rows, form }) =>
        trialSeeds.map((seed) =>
          withId({
            algorithm: planned,
            environment,
            fold,
            seed,
            discount: settings.discount,
            steps: stepsOf(budget, rowsOf(loaded, environment.label, fold)),
            rows,
            tensors: form === 'tensors' ? loaded.backend!.name : null,
            evaluation: settings.evaluation,
          }),
        ),
      )
  const trials = environments.flatMap((environment) =>
    (folds ?? [null]).flatMap((fold) => trialsOf(environment, fold, seeds)),
  )
  const deployed =
    settings.folds?.deploy === true
      ? environments.flatMap((environment) => trialsOf(environment, null, seeds.slice(0, 1)))
      : []
  refuseTwins(trials)
  const baselines = loaded.baselines.map(({ label, ref, config, on }): BaselinePlan => ({ ...ref, label, config, on }))
  const references = {
    optimum: settings.references.optimum,
    bestLocal: loaded.bestLocal,
  }
  return {
    format: runFormat,
    name: settings.name,
    description: settings.description,
    hash: runHash(loaded, trials, deployed, references),
    discount: settings.discount,
    seeds,
    trials,
    folds,
    deployed,
    environments: Object.fromEntries(environments.map((one) => [one.label, one])),
    measures: Object.fromEntries(
      [...loaded.specs].map(([label, { score, quantities }]) => [label, { score, quantities }]),
    ),
    algorithms: Object.fromEntries(algorithms.map(({ planned }) => [planned.label, planned])),
    baselines,
    references,
    backend: loaded.backend,
    checkpointSeconds: settings.checkpointSeconds,
    baseDir,
    notes: loaded.notes,
  }
}

/**
 * The id of a trial: first 16 hex digits of the sha256 of everything that decides its result. Labels and paths are left
 * out: the same settings under another name, or the same file elsewhere, give the same trial.
 */
export function trialId(trial: Omit<TrialPlan, 'id'>): string {
  const { algorithm, environment, fold, seed, discount, steps, rows, tensors, evaluation } = trial
  const split = fold === null ? null : { repetition: fold.repetition, fold: fold.fold, folds: fold.folds }
  return shortHash({
    format: runFormat,
    algorithm: identity(algorithm),
    ...environmentIdentity(environment),
    ...(split === null ? {} : { split }),
    seed,
    discount,
    steps,
    rows,
    ...(tensors === null ? {} : { tensors }),
    evaluation,
  })
}

/** Budgets may come to the same steps: two names would stand for one trial. */
function refuseTwins(trials: readonly TrialPlan[]): void {
  const known = new Map<string, string>()
  for (const { id, algorithm, environment } of trials) {
    const twin = known.get(id)
    if (twin !== undefined) {
      const message = `is the same trial as ${twin} on ${environment.label}: settings and steps are equal; change or remove one`
      throw new ConfigError([{ path: `algorithms.${algorithm.label}`, message }])
    }
    known.set(id, algorithm.label)
  }
}

/** An environment, its files by content: what they are called, and where they lie, is left out. */
export function environmentIdentity({ data, recording, ...environment }: PlannedEnv): object {
  const key = data === null ? recording?.key : [data.key]
  const config = key === undefined ? environment.config : without(environment.config, key)
  return {
    environment: identity({ ...environment, config }),
    ...(data === null ? {} : { data: data.sha256 }),
    ...(recording === undefined ? {} : { recording: recording.sha256 }),
  }
}

/** Settings without the one at a path of keys. */
function without(config: Json, [key, ...below]: readonly string[]): Json {
  const { [key!]: value, ...rest } = config as { [key: string]: Json }
  return below.length === 0 ? rest : { ...rest, [key!]: without(value!, below) }
}

/** Name, version, settings and file of an entry: what it is, wherever it lies. */
function identity({ name, version, config, sha256 }: Omit<PlannedEntry, 'label' | 'use'>): object {
  return { name, version, config, sha256 }
}

function withId(trial: Omit<TrialPlan, 'id'>): TrialPlan {
  return { id: trialId(trial), ...trial }
}

/** Rows that a trial trains on; 0 where its environment stands on no table. */
function rowsOf({ trainRows }: LoadedExperiment, environment: string, fold: FoldPlan | null): number {
  const table = trainRows[environment]
  return (fold === null ? table?.all : table?.folds[fold.index]) ?? 0
}

/** Environment steps of a budget over a number of training rows. */
export function stepsOf(budget: Budget, trainRows: number): number {
  return 'steps' in budget ? budget.steps : Math.max(1, Math.round(budget.passes * trainRows))
}

/** Every fold of every repetition. */
export function foldPlans({ repetitions, folds }: { repetitions: number; folds: number }): FoldPlan[] {
  return Array.from({ length: repetitions * folds }, (_, index) => ({
    index,
    repetition: Math.floor(index / folds),
    fold: index % folds,
    folds,
  }))
}

/** Labels count here: they are what the run's tables and curves are called by. */
function runHash(
  loaded: LoadedExperiment,
  trials: readonly TrialPlan[],
  deployed: readonly TrialPlan[],
  references: RunPlan['references'],
): string {
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
    ...(deployed.length === 0 ? {} : { deployed: deployed.map(({ id }) => id) }),
  })
}
