import type { Json } from '#env/json.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import type { Entry } from '#env/registry.js'
import type { Rng } from '#env/rng.js'
import type { SlotNeeds } from '#env/slot.js'
import type { EnvSpec } from '#env/spec.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import type { TensorBackend } from './tensor/backend.js'

/** What a learner is made from, besides its own config. */
export interface LearnerContext {
  readonly spec: EnvSpec
  /**
   * The agents that it learns for, by their numbers in the spec, ascending: all of them, or its part of a team. It writes the
   * actions of these, and of no others.
   */
  readonly agents: readonly number[]
  /** gamma, in [0, 1]. */
  readonly discount: number
  /** Environment steps of the whole training, counted over all rows: what schedules are fractions of. */
  readonly totalSteps: number
  /** Rows E of the environments it will learn from. */
  readonly rows: number
  /** The learner's own stream of random numbers; its state is part of `saveState()`. */
  readonly rng: Rng
}

/** Numbers, as states hold them. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array

/**
 * A learner's whole state: typed arrays by name, and plain data, its generator included. Arrays may be those that the learner
 * goes on using: whoever keeps a state copies it, or writes it down, before the learner goes on.
 */
export interface LearnerState {
  readonly arrays: { readonly [name: string]: NumberArray }
  readonly data: { readonly [key: string]: Json }
  /**
   * Logs that only grow, such as a replay memory, which would be too long to write down every ten seconds: of each, what was
   * added since `saveState` was last called. Checkpoints append it to a file. `loadState` is given the whole of each, from
   * its first number on, and what was added before then isn't told again.
   */
  readonly added?: { readonly [name: string]: NumberArray }
}

/** Named numbers about learning, such as the mean size of the error: finite, in the units that their docs say. */
export type LearnerMetrics = { readonly [name: string]: number }

/**
 * Learns a policy from transitions. The trainer's loop is: `act`, environment step, `update`, over and over, and `finish` at
 * the end. Batch, transition and actions are the same objects every time; neither call allocates. Pure given its inputs: no
 * files, no clock, no other randomness.
 */
export interface Learner {
  /** Chooses exploring actions for its agents in every row, i32 [E, N, H]: legal ones, 0 for agents that don't act. */
  act(batch: AgentViews, actions: Int32Array): void
  /** Learns from a whole transition: `reward + discount * value(after)`, with the discounts of `discounts`, is every target. */
  update(transition: TransitionBatch): void
  /** The end of training: whatever is left to be learned from what was seen. */
  finish?(): void
  /** Numbers about learning since the last call, for metrics.jsonl and the report's curves. */
  metrics?(): LearnerMetrics
  /** The policy as it stands; it follows further updates. One that draws has `probabilities`. */
  policy(): Policy
  saveState(): LearnerState
  /** @throws StateError when the state doesn't fit this learner */
  loadState(state: LearnerState): void
}

/** One learner of a group: its policy and its state, as if it were alone. */
export type GroupMember = Pick<Learner, 'metrics' | 'policy' | 'saveState' | 'loadState'>

/**
 * Learners of one kind that learn in step, each of a seed and in environments of its own: what one of them does is the
 * same, bit for bit, whoever else is in the group. Batches, transitions and actions are one a member, the same objects every
 * time. Where the numbers live on a device, calls may return promises, and nothing is read back while the caller waits.
 */
export interface LearnerGroup {
  readonly members: readonly GroupMember[]
  /** As `Learner.act`, for every member. */
  act(batches: readonly AgentViews[], actions: readonly Int32Array[]): void | Promise<void>
  /** As `Learner.update`, for every member. */
  update(transitions: readonly TransitionBatch[]): void | Promise<void>
  /** As `Learner.finish`, for every member that hasn't left. */
  finish(): void | Promise<void>
  /** Brings the members' policies, metrics and states up to date: to be awaited before they are used. */
  settle(): void | Promise<void>
  /** A member acts and learns no more; the others go on. */
  leave(member: number): void
  /** Frees what the group holds on a device. */
  dispose(): void
}

/** Makes learners in the form of tensors, one of each context. @throws as `LearnerForms.arrays` */
export type TensorForm<Config = unknown> = (
  contexts: readonly LearnerContext[],
  config: Config,
  backend: TensorBackend,
) => LearnerGroup | Promise<LearnerGroup>

/** The forms in which a learner computes; it may have any of them alone. Given the same transitions they agree. */
export interface LearnerForms<Config = unknown> {
  /** On typed arrays. @throws SpaceError or NotEnumerableError when the learner can't serve such an environment */
  arrays?(context: LearnerContext, config: Config): Learner | Promise<Learner>
  /** As TF.js tensors, many seeds at once. */
  readonly tensors?: TensorForm<Config>
}

/** A learner by name. A user's own algorithm file exports one as default. */
export interface LearnerEntry<Config = unknown> extends Entry<Config> {
  /** Changes whenever results change: part of every trial's hash. */
  readonly version: string
  /**
   * What it reads: views that it doesn't need are left out, and the rewards of actions not taken are there only for those who
   * ask. Default: observations and state, and of rewards what it earned (the bandit regime).
   */
  needs?(config: Config): SlotNeeds
  readonly forms: LearnerForms<Config>
  /**
   * Properties that `cadre check` looks for and this learner doesn't claim, by name, with why: `{ durations: 'its tasks have none' }`.
   * The names are those of `claims`. Default: it claims them all.
   */
  readonly exceptions?: { readonly [claim: string]: string }
  /**
   * Reads policies of a kind of the learner's own: makes one again from what its `export` gave. With it they can be saved, benched,
   * compared and served; bundles name the entry's file. Kinds that ship (tabular, linear) need none.
   * @throws BundleError when it doesn't fit the spec
   */
  loadPolicy?(stored: PolicyExport, spec: EnvSpec): Policy
}

/** Keeps an entry's own config type inside while lists hold it without: configs reach the forms only through `schema`. */
export function defineLearner<Config>(entry: LearnerEntry<Config>): LearnerEntry {
  return entry as unknown as LearnerEntry
}
