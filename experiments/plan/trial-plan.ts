import type { TensorBackendName } from '#algorithms/tensor/backend.js'
import type { Json } from '#env/json.js'
import type { EnvSpec } from '#env/spec.js'

/**
 * What a run consists of, as plain JSON: it crosses to worker threads, goes into the manifest, and is all a worker needs.
 * Settings are resolved: defaults filled in, names looked up, files hashed.
 */

/** Changes whenever the same plan would be carried out differently: part of every trial's id. */
export const runFormat = 'cadre-run/1'

/** Where an environment, learner or policy comes from. */
export interface ModuleRef {
  /** A registered name, or the absolute path of a user's file. */
  readonly use: string
  /** sha256 of the user's file in hex; null for what ships with Cadre. */
  readonly sha256: string | null
}

/** An environment or algorithm with its settings. */
export interface PlannedEntry extends ModuleRef {
  /** Its key in the experiment file: what tables and curves call it. */
  readonly label: string
  /** The entry's own name, such as `routing-dispatch`. */
  readonly name: string
  /** The entry's version: changes whenever its behaviour does. */
  readonly version: string
  /** The entry's settings, defaults filled in; passed to its `create` as they are. */
  readonly config: Json
}

/** Some agents of a team, and who plays them: a learner, or the policy of a bundle. */
export interface PlannedSeat {
  readonly agents: readonly string[]
  readonly learner: PlannedEntry | null
  /** Absolute folder, and the hash of what lies there. */
  readonly bundle: { readonly folder: string; readonly sha256: string } | null
}

/** An algorithm with its settings; of a team, who sits where, its settings saying the same without paths. */
export interface PlannedAlgorithm extends PlannedEntry {
  readonly team?: readonly PlannedSeat[]
}

/** The outcome table that an environment stands on, found and hashed. */
export interface DataPlan {
  /** The key of the environment's settings that names it: spelling counts for nothing, content does. */
  readonly key: string
  /** The data set's name, or the path as it was given. */
  readonly name: string
  readonly kind: 'set' | 'file'
  /** Absolute paths. Not part of any hash. */
  readonly files: readonly string[]
  /** Of the content, wherever it lies. */
  readonly sha256: string
  /** Models to keep, in this order; null = all. */
  readonly models: readonly string[] | null
}

/** The recording that an environment plays back, found and hashed. */
export interface RecordingPlan {
  /** Where in the environment's settings its path stands: spelling counts for nothing, content does. */
  readonly key: readonly string[]
  /** The path as it was given. */
  readonly name: string
  /** Absolute path. Not part of any hash. */
  readonly file: string
  /** Of the content, wherever it lies. */
  readonly sha256: string
}

/** An environment with its settings, and what it stands on. */
export interface PlannedEnv extends PlannedEntry {
  readonly data: DataPlan | null
  /** Absent where it plays no recording back. */
  readonly recording?: RecordingPlan
}

/** One split of a cross-validation. */
export interface FoldPlan {
  /** Place in the run: repetition * folds + fold. */
  readonly index: number
  readonly repetition: number
  readonly fold: number
  /** Folds a repetition. */
  readonly folds: number
}

/** How often, and how, the policy is evaluated during training. */
export interface EvaluationPlan {
  /** Evaluations a trial, evenly spaced; the last one is at the last step. */
  readonly points: number
  /** auto: exact where the environment is enumerable, sampled elsewhere. */
  readonly method: 'auto' | 'exact' | 'sampled'
  /** Episodes an evaluation, where it is sampled. */
  readonly episodes: number
  /** Which policy: that of the most probable actions, or the one that draws. The same for policies that don't draw. */
  readonly act: 'greedy' | 'sampled'
}

/** One training: algorithm x environment x seed. */
export interface TrialPlan {
  /** First 16 hex digits of the sha256 of everything below except labels and paths; see `trialId`. */
  readonly id: string
  readonly algorithm: PlannedAlgorithm
  readonly environment: PlannedEnv
  /** Rows of the data to train on, the others to evaluate on; null = all for both. */
  readonly fold: FoldPlan | null
  readonly seed: number
  /** gamma, in [0, 1]. */
  readonly discount: number
  /** Environment steps, counted over all rows. */
  readonly steps: number
  /** Environments stepped together. */
  readonly rows: number
  /** The backend whose tensors it learns on, together with the trials of other seeds; null = arrays. */
  readonly tensors: TensorBackendName | null
  readonly evaluation: EvaluationPlan
}

/** A policy that isn't learned, evaluated for comparison on each of the environments it can act in. */
export interface BaselinePlan extends ModuleRef {
  readonly label: string
  readonly config: Json
  /** Labels of environments, in the order of the experiment. */
  readonly on: readonly string[]
}

/** What learning is compared with besides baselines. */
export interface ReferencePlan {
  /** Whether to compute V* and the exact value of the random policy where the environment is enumerable. */
  readonly optimum: boolean
  /** Best decentralised policy by best-response iteration: on which environments, from how many starts. */
  readonly bestLocal: { readonly on: readonly string[]; readonly starts: number } | null
}

/** A whole experiment, ready to run. */
export interface RunPlan {
  readonly format: string
  readonly name: string
  readonly description: string
  /** First 16 hex digits of a sha256 over the trials' ids with their labels, baselines and references. */
  readonly hash: string
  readonly discount: number
  readonly seeds: readonly number[]
  /** Environment by environment, fold by fold, algorithm by algorithm, seed by seed. */
  readonly trials: readonly TrialPlan[]
  /** Of a cross-validation: the splits of each environment. */
  readonly folds: readonly FoldPlan[] | null
  /** Of a cross-validation: one more training of each algorithm, on all rows, whose policy is the one to serve. */
  readonly deployed: readonly TrialPlan[]
  readonly environments: { readonly [label: string]: PlannedEnv }
  /** What the environments' scores and quantities are, as their specs say. */
  readonly measures: { readonly [label: string]: Pick<EnvSpec, 'score' | 'quantities'> }
  readonly algorithms: { readonly [label: string]: PlannedEntry }
  readonly baselines: readonly BaselinePlan[]
  readonly references: ReferencePlan
  /** Where tensors live, and on what; null where nothing learns on them. The name is part of trials' ids. */
  readonly backend: { readonly name: TensorBackendName; readonly device: string } | null
  /** Seconds between checkpoints of a trial; 0 = only when stopped. Not part of any hash. */
  readonly checkpointSeconds: number
  /** Absolute folder that the experiment file lies in. Not part of any hash. */
  readonly baseDir: string
  /** What is said before any work: nothing is wrong, but it may not be meant so. Not part of any hash. */
  readonly notes: readonly string[]
}
