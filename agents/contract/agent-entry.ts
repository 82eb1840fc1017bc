import type { Policy } from '#env/policy.js'
import type { Entry } from '#env/registry.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import type { AgentClient } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import type { LogWriter } from '../log/decision-log.js'
import type { LocalModel, LocalModelOptions } from '../writing/local-model.js'
import type { Agent } from './agent.js'

/** What an agent that reads questions may find in them. */
export interface Vocabulary {
  readonly intents: readonly string[]
  readonly slots: readonly string[]
}

/** What an agent is made with, beside its settings. */
export interface AgentResources {
  /** What it is called in its team. */
  readonly name: string
  readonly clock: Clock
  /** Files that its settings name, by the paths they give: of a folder all that it holds. */
  readonly files: ReadonlyMap<string, readonly AgentFile[]>
  /** The value of an environment variable that its settings name, such as the key of an endpoint. */
  readonly secret: (variable: string) => string | undefined
  /**
   * A model on this machine.
   * @param file - GGUF, as the settings name it
   * @throws Error where it, or what runs it, is missing
   */
  readonly localModel: (file: string, options: LocalModelOptions) => LocalModel
  /** Is told of each client of an endpoint that the agent makes, by a name of its own: its replicas may change while the team runs. */
  readonly calls: (client: AgentClient) => void
  /** Is told which intents and slots the agent may find, by one that reads questions. */
  readonly knows: (vocabulary: Vocabulary) => void
  /** Is told of an intent or slot that the agent's settings name: one that nobody finds would have no effect. */
  readonly speaksOf: (what: keyof Vocabulary, name: string, path: readonly (string | number)[]) => void
  /** Where it writes what it decides: the log of its team, once that is there. */
  readonly log: LogWriter
  /**
   * Solves for who of several agents with queues takes what.
   * @param discount - gamma a tick
   * @throws Error where there is no exact optimum, saying why
   */
  optimum(config: RoutingDispatchConfig, discount: number): QueueOptimum
  /**
   * Makes an agent that this one leads.
   * @param path - where its settings stand in those of this one
   * @param settings - its `use` among them
   * @param otherKeys - keys beside them that this agent reads itself
   */
  make(
    path: readonly (string | number)[],
    name: string,
    settings: { readonly use: string; readonly [key: string]: unknown },
    otherKeys?: readonly string[],
  ): Agent
}

/** The exact optimum of agents with queues. */
export interface QueueOptimum {
  /** With all of them there. */
  readonly policy: Policy
  /** That of those who can be reached; a search that is still under way is ended, and its promise rejected. @param present - [N] */
  without(present: readonly boolean[]): Promise<Policy>
  close(): Promise<void>
}

/** What a path in settings begins with that leads into this package: files that ship with Cadre. */
export const shippedFilePrefix = 'cadre:'

/** One file, read. */
export interface AgentFile {
  /** Relative to the path that the settings give; its name where they give the file itself. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** A kind of agent by name: what `use` in a team file stands for. */
export interface AgentEntry<Config = unknown> extends Entry<Config> {
  /** Paths in the settings whose files it wants to be given; those after `shippedFilePrefix` lie in this package. */
  files?(config: Config): readonly string[]
  /** @throws Error saying what is wrong with its files, for the place in the team file */
  create(config: Config, resources: AgentResources): Agent
}

/** Keeps an entry's own types inside while lists hold it without them: configs reach `create` only through `schema`. */
export function defineAgent<Config>(entry: AgentEntry<Config>): AgentEntry {
  return entry as unknown as AgentEntry
}
