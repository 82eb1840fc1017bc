import type { z } from 'zod'
import type { DataContract, PreparedData } from './data-contract.js'
import type { Env } from './env.js'
import type { Policy } from './policy.js'
import type { PolicyFlow } from './policy-flow.js'
import type { PolicyView } from './policy-view.js'
import type { RecordingContract } from './recording-contract.js'
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
   * @param world - for environments that stand on a file: what `data.prepare` or `recording.read` made of it, absent where the config
   * names none
   */
  create(config: Config, world?: unknown): Env
  /** How it stands on data; absent where it needs none. */
  readonly data?: DataContract<Config>
  /** How it plays a recording back; absent where it plays none. An entry has this or `data`. */
  readonly recording?: RecordingContract<Config>
  /** Scripted policies and oracles that know this environment. */
  readonly policies?: readonly PolicyEntry<Config>[]
  /** How to draw a policy of this environment for people. */
  policyView?(config: Config): PolicyView
  /** How to draw the course of its episodes under a policy as a flow chart. */
  policyFlow?(config: Config): PolicyFlow
  /** What traces of it look like (`cadre verify`); absent where it replays none. */
  readonly trace?: TraceContract
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
