import type { Json } from '#env/env.js'
import type { Policy } from '#env/policy.js'
import type { Entry } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import type { TransitionBatch } from '#env/vector-env.js'
import type { TensorBackend } from './tensor/backend.js'

/** What a learner is made from, besides its own config. */
export interface LearnerContext {
  readonly spec: EnvSpec
  /** gamma, in [0, 1]. */
  readonly discount: number
  /** Environment steps of the whole training, counted over all rows: what schedules are fractions of. */
  readonly totalSteps: number
  /** Rows E of the environments it will learn from. */
  readonly rows: number
  /** The learner's own stream of random numbers; its state is part of `saveState()`. */
  readonly rng: Rng
}

/** A learner's whole state: typed arrays by name, and plain data, its generator included. */
export interface LearnerState {
  readonly arrays: { readonly [name: string]: Float32Array | Float64Array | Int32Array | Uint8Array }
  readonly data: { readonly [key: string]: Json }
}

/**
 * Learns a policy from transitions. The trainer's loop is: `act`, environment step, `update`, over and over; the batch
 * is the same object every time. Neither allocates. Pure given its inputs: no files, no clock, no other randomness.
 */
export interface Learner {
  /** Chooses exploring actions for every agent of every row, i32 [E, N], and remembers what they were chosen on. */
  act(batch: TransitionBatch, actions: Int32Array): void
  /**
   * Learns from the step just taken with the actions that `act` chose. On rows where `ended` is 1 the next observation
   * is in the final views; a truncated row goes on (its value is bootstrapped), a terminated one is worth 0.
   */
  update(batch: TransitionBatch, actions: Int32Array): void
  /** The greedy policy as it stands; it follows further updates. */
  policy(): Policy
  saveState(): LearnerState
  /** @throws StateError when the state doesn't fit this learner */
  loadState(state: LearnerState): void
}

/** One learner of a group: its policy and its state, as if it were alone. */
export type GroupMember = Pick<Learner, 'policy' | 'saveState' | 'loadState'>

/**
 * Learners of one kind that learn in step, each of a seed and in environments of its own: what one of them does is the
 * same, bit for bit, whoever else is in the group. Batches and actions are one a member, the same objects every time.
 * Where the numbers live on a device, calls may return promises, and nothing is read back while the caller waits.
 */
export interface LearnerGroup {
  readonly members: readonly GroupMember[]
  /** As `Learner.act`, for every member. */
  act(batches: readonly TransitionBatch[], actions: readonly Int32Array[]): void | Promise<void>
  /** As `Learner.update`, for every member. */
  update(batches: readonly TransitionBatch[], actions: readonly Int32Array[]): void | Promise<void>
  /** Brings the members' policies and states up to date: to be awaited before they are used. */
  settle(): void | Promise<void>
  /** A member acts and learns no more; the others go on. */
  leave(member: number): void
  /** Frees what the group holds on a device. */
  dispose(): void
}

/** Makes learners in the form of tensors, one of each context. @throws as `LearnerEntry.create` */
export type TensorForm<Config = unknown> = (
  contexts: readonly LearnerContext[],
  config: Config,
  backend: TensorBackend,
) => LearnerGroup

/** A learner by name. A user's own algorithm file exports one as default. */
export interface LearnerEntry<Config = unknown> extends Entry<Config> {
  /** Changes whenever results change: part of every trial's hash. */
  readonly version: string
  /** What it reads: numbered observations and states only (views of real values are then left out), or all. Default all. */
  readonly observes?: 'ids' | 'features'
  /**
   * Whether it learns from the rewards of actions not taken too (the full regime) where the environment knows them. Without, it sees
   * what it earned and nothing else (the bandit regime). Default: without.
   */
  asksActionRewards?(config: Config): boolean
  /** @throws SpaceError or NotEnumerableError when the learner can't serve such an environment */
  create(context: LearnerContext, config: Config): Learner
  /**
   * Properties that `cadre check` looks for and this learner doesn't claim, by name, with why: `{ durations: 'its tasks have none' }`.
   * The names are those of `claims`. Default: it claims them all.
   */
  readonly exceptions?: { readonly [claim: string]: string }
  /** The same learner in the form of tensors, many seeds at once; absent where it has none. */
  readonly tensors?: TensorForm<Config>
}

/** Keeps an entry's own config type inside while lists hold it without: configs reach `create` only through `schema`. */
export function defineLearner<Config>(entry: LearnerEntry<Config>): LearnerEntry {
  return entry as unknown as LearnerEntry
}
