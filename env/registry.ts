import type { z } from 'zod'
import type { Encoder, EncoderRow } from './encoding/encoder.js'
import type { EncoderConfig } from './encoding/encoders.js'
import type { SparseMatrix } from './encoding/sparse.js'
import type { Env } from './env.js'
import type { ModelOutcomes } from './outcomes/model-outcomes.js'
import type { Policy } from './policy.js'
import type { EnvSpec } from './spec.js'
import type { TraceContract } from './trace/trace-contract.js'

/** What a room offers under a name. `schema` is the one definition of its config: types, defaults, help and docs. */
export interface Entry<Config> {
  readonly name: string
  readonly aliases: readonly string[]
  /** One line for lists and help. */
  readonly summary: string
  readonly schema: z.ZodType<Config>
}

/** An environment by name. Part of the contract of a user's own environment file: it exports one as default. */
export interface EnvEntry<Config = unknown> extends Entry<Config> {
  /** Changes whenever the behaviour changes: part of every trial's hash. */
  readonly version: string
  /**
   * @param world - for environments that stand on data: a world made by `data.prepare`, absent where the config names no data
   */
  create(config: Config, world?: unknown): Env
  /** How it stands on data; absent where it needs none. */
  readonly data?: DataContract<Config>
  /** Scripted policies and oracles that know this environment. */
  readonly policies?: readonly PolicyEntry<Config>[]
  /** How to draw a policy of this environment for people. */
  policyView?(config: Config): PolicyView
  /** What traces of it look like (`cadre verify`); absent where it replays none. */
  readonly trace?: TraceContract
}

/** An environment that stands on an outcome table. Files are read, and rows split, outside. */
export interface DataContract<Config> {
  /** The data set or file that a config names, and the models it wants of it (all where null); null where it names none. */
  source(config: Config): DataSource | null
  /**
   * Fits encoders on the training rows and encodes all: takes a second or two, and every environment of the split shares what
   * comes out.
   * @param encoder - a fitted one to use instead, such as that of a policy in service
   * @throws ConfigError where the table lacks what the config needs
   */
  prepare(config: Config, table: ModelOutcomes, split: DataSplit, encoder?: Encoder): PreparedData
}

/** What a config says of its outcome table. */
export interface DataSource {
  /** The key of the config that names it. */
  readonly key: string
  /** A data set, or a path. */
  readonly name: string
  readonly models: readonly string[] | null
}

/** Rows of an outcome table to learn from, and others to judge on; the same where nothing is held out. */
export interface DataSplit {
  readonly train: Int32Array
  readonly test: Int32Array
}

/** One split of the data, ready to make environments of. */
export interface PreparedData {
  /** World of the training rows, for `EnvEntry.create`. */
  readonly train: unknown
  /** World of the rows held out. */
  readonly test: unknown
  /** Training rows with everything known of them: what supervised baselines are fitted on. */
  readonly examples: LabelledExamples
  /** What policies are judged by on the rows held out. */
  readonly heldOut: HeldOut
  readonly encoder: FittedEncoder
}

/** Encoded queries with the reward of each action. */
export interface LabelledExamples {
  readonly features: SparseMatrix
  /** i32 [n], rows of `features` */
  readonly rows: Int32Array
  /** f64 [n, A], what each action would earn; NaN where unknown */
  readonly rewards: Float64Array
  readonly actions: readonly string[]
}

/** Rows held out, with what each model would have done on them. Feature row r is example r of the batch that policies see. */
export interface HeldOut {
  readonly models: readonly string[]
  readonly features: SparseMatrix
  /** i32 [R], rows of `features` */
  readonly rows: Int32Array
  /** f64 [R, M], 0..1 */
  readonly quality: Float64Array
  /** f64 [R, M], USD; null where any is unknown */
  readonly cost: Float64Array | null
  /** Of two models, which one is right less often over the whole table; null with any other number. */
  readonly pair: { readonly weak: number; readonly strong: number } | null
}

/** An encoder with what it takes to make it again. */
export interface FittedEncoder {
  readonly config: EncoderConfig
  readonly encoder: Encoder
  /** Which parts of a row it reads. */
  readonly fields: readonly (keyof EncoderRow)[]
}

/** A drawing of a policy: tables of states, each cell showing what the team does there. */
export interface PolicyView {
  readonly title: string
  readonly panels: readonly PolicyViewPanel[]
  /** All choices that `describe` can give, in the order of a legend. */
  readonly legend: readonly string[]
  /** Names a joint action, [N]. */
  describe(jointAction: Int32Array): string
}

/** One table; `states[y][x]` is a state number, or -1 for an empty cell. With `places` it is a map, whose values are drawn too. */
export interface PolicyViewPanel {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly x: readonly string[]
  readonly y: readonly string[]
  readonly states: readonly (readonly number[])[]
  /** [y][x], what a cell is besides free ground, such as hole or goal; null = nothing. */
  readonly places?: readonly (readonly (string | null)[])[]
  /** Cells [y, x] with a wall on their right. */
  readonly walls?: readonly (readonly [y: number, x: number])[]
}

/** What a scripted policy is made from. */
export interface PolicyContext<EnvConfig = unknown> {
  readonly spec: EnvSpec
  readonly envConfig: EnvConfig
  /** The split it is made for, where the environment stands on data; fitted policies read the training rows only. */
  readonly data?: PreparedData
}

/** A policy that isn't learned, by name: scripted ones beside their environment, generic ones in algorithms. */
export interface PolicyEntry<EnvConfig = unknown, Config = unknown> extends Entry<Config> {
  create(context: PolicyContext<EnvConfig>, config: Config): Policy
}

/**
 * Keeps an entry's own types inside while lists hold it without them: configs reach `create` only through `schema`.
 */
export function defineEnv<Config>(entry: EnvEntry<Config>): EnvEntry {
  return entry as unknown as EnvEntry
}

export function definePolicy<EnvConfig, Config>(entry: PolicyEntry<EnvConfig, Config>): PolicyEntry<EnvConfig> {
  return entry as unknown as PolicyEntry<EnvConfig>
}
