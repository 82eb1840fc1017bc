import type { z } from 'zod'
import type { Env } from './env.js'
import type { Policy } from './policy.js'
import type { EnvSpec } from './spec.js'

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
  create(config: Config): Env
  /** Scripted policies and oracles that know this environment. */
  readonly policies?: readonly PolicyEntry<Config>[]
  /** How to draw a policy of this environment for people. */
  policyView?(config: Config): PolicyView
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

/** One table; `states[y][x]` is a state number, or -1 for an empty cell. */
export interface PolicyViewPanel {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly x: readonly string[]
  readonly y: readonly string[]
  readonly states: readonly (readonly number[])[]
}

/** What a scripted policy is made from. */
export interface PolicyContext<EnvConfig = unknown> {
  readonly spec: EnvSpec
  readonly envConfig: EnvConfig
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
