import type { SparseMatrix } from '../sparse-matrix.js'
import { type RoutingCascadeConfig, resolveProfile } from './config.js'

/** What queries there are, and how each model does on them. Shared by all environments of a split; never changes. */
export interface CascadeWorld {
  readonly models: readonly string[]
  /** Q: queries are numbered 0..numQueries-1, those of other splits included. */
  readonly numQueries: number
  /** i32, the queries that come up in this world. */
  readonly queries: Int32Array
  /** f64, how often each of `queries` comes, summing to 1; null = all alike. */
  readonly shares: Float64Array | null
  /** f64 [Q, M]: how right the answer is; where `drawn`, the probability that it is right (1) and not wrong (0). */
  readonly quality: Float64Array
  readonly drawn: boolean
  /** f64 [Q, M], USD and ms */
  readonly costUsd: Float64Array
  readonly latencyMs: Float64Array
  /** Whether prices, and times, are known; where they aren't, the columns hold 0. */
  readonly costKnown: boolean
  readonly latencyKnown: boolean
  /** Row q is query q; absent in profiles, whose type is part of the observation. */
  readonly features?: SparseMatrix
  /** i32 [Q], characters of the text; absent in profiles. */
  readonly textLength?: Int32Array
}

/** The world of a profile: a query is its type. */
export function profileWorld(config: RoutingCascadeConfig): CascadeWorld {
  const { types, models } = resolveProfile(config)
  const total = types.reduce((sum, type) => sum + type.share, 0)
  const perQuery = (value: (model: (typeof models)[number], type: number) => number) =>
    Float64Array.from(types.flatMap((_, type) => models.map((model) => value(model, type))))
  return {
    models: models.map((model) => model.name),
    numQueries: types.length,
    queries: Int32Array.from(types.keys()),
    shares: Float64Array.from(types, (type) => type.share / total),
    quality: perQuery((model, type) => model.skill![type]!),
    drawn: true,
    costUsd: perQuery((model) => model.costUsd ?? 0),
    latencyMs: perQuery((model) => model.latencyMs ?? 0),
    costKnown: models.every((model) => model.costUsd !== undefined),
    latencyKnown: models.every((model) => model.latencyMs !== undefined),
  }
}
