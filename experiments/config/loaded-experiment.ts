import type { LearnerEntry } from '#algorithms/learner.js'
import type { TensorBackend } from '#algorithms/tensor/backend.js'
import type { Json } from '#env/json.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import type { EnvSpec } from '#env/spec.js'
import type { ModuleRef, PlannedEnv, PlannedSeat } from '../plan/trial-plan.js'
import type { ExperimentSettings } from './experiment-schema.js'

/** An entry of a configuration: what it stands for, and its settings with defaults filled in. */
export interface LoadedEntry<E> {
  readonly label: string
  readonly entry: E
  readonly ref: ModuleRef
  readonly config: Json
}

/** An environment with the outcome table that it stands on (null where it needs none), or the recording that it plays back. */
export interface LoadedEnv extends LoadedEntry<EnvEntry>, Pick<PlannedEnv, 'data' | 'recording'> {}

/** Where tables live: in typed arrays, or as tensors on a backend of TF.js. */
export type Form = ExperimentSettings['form']

/** How long to train: environment steps, or times through the training rows. */
export type Budget = { readonly steps: number } | { readonly passes: number }

/** Training rows of an environment on an outcome table. */
export interface TrainRows {
  /** Where nothing is held out. */
  readonly all: number
  /** With each fold held out, in the order of folds; empty without. */
  readonly folds: readonly number[]
}

export interface LoadedAlgorithm extends LoadedEntry<LearnerEntry> {
  /** Labels of the environments it learns in. */
  readonly on: readonly string[]
  readonly budget: Budget
  readonly rows: number
  readonly form: Form
  /** Of a team: who sits where. */
  readonly team?: readonly PlannedSeat[]
}

export interface LoadedBaseline extends LoadedEntry<PolicyEntry> {
  /** Its place in the list of the file. */
  readonly position: number
  /** Labels of the environments it acts in. */
  readonly on: readonly string[]
}

/** A tensor backend as it was found here. */
export type BackendInUse = Pick<TensorBackend, 'name' | 'device'>

/** An experiment that has been read and checked: everything in it exists and can be made. */
export interface LoadedExperiment {
  /** Absolute folder of the experiment file. */
  readonly baseDir: string
  readonly settings: ExperimentSettings
  readonly environments: readonly LoadedEnv[]
  /** Of every environment, by label. */
  readonly specs: ReadonlyMap<string, EnvSpec>
  /** By label, of environments on outcome tables. */
  readonly trainRows: { readonly [label: string]: TrainRows }
  readonly algorithms: readonly LoadedAlgorithm[]
  readonly baselines: readonly LoadedBaseline[]
  /** Where tensors live; null where nothing learns on them. */
  readonly backend: BackendInUse | null
  /** Environments that the best local policy is sought in; null where it isn't asked for. */
  readonly bestLocal: { readonly on: readonly string[]; readonly starts: number } | null
  /** What is worth knowing of its data, though nothing is wrong. */
  readonly notes: readonly string[]
}
