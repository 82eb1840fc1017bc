import type { Encoder, EncoderRow } from './encoding/encoder.js'
import type { EncoderConfig } from './encoding/encoders.js'
import type { ModelOutcomes } from './outcomes/model-outcomes.js'
import type { SparseMatrix } from './sparse-matrix.js'

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
  readonly texts: TextCounts
}

/** What is worth knowing of a table's texts before anything is learned from them. */
export interface TextCounts {
  readonly rows: number
  /** Rows of which the encoder sees nothing, and the id of the first; null where there is none. */
  readonly empty: { readonly rows: number; readonly id: string } | null
  /** Rows that repeat the text of an earlier one, and the ids of the first such two; null where there is none. */
  readonly repeated: { readonly rows: number; readonly id: string; readonly of: string } | null
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
