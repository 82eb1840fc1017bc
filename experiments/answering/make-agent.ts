import { agentEntries } from '#agents/agent-entries.js'
import type { AgentClient } from '#agents/client/agent-client.js'
import type { Clock } from '#agents/client/clock.js'
import type { Agent } from '#agents/contract/agent.js'
import type { AgentFile, Vocabulary } from '#agents/contract/agent-entry.js'
import type { LogWriter } from '#agents/log/decision-log.js'
import { type ConfigProblem, unknownNameMessage } from '#env/errors.js'
import type { ConfigDocument } from '../config/config-document.js'
import { checkWithSchema } from '../config/parse-with-schema.js'
import { whyUnreadable } from '../data/why-unreadable.js'
import { agentFiles } from './agent-files.js'
import { ggufModel } from './gguf-model.js'
import { queueOptimum } from './queue-optimum.js'

/** Keys and list positions from the root of a team file. */
export type Path = (string | number)[]

/** Takes down what is wrong at a place of the file. */
export type Note = (path: Path, message: string) => void

/** What agents are made with, and where what is wrong with them goes. */
export interface Making {
  readonly baseDir: string
  readonly env: { readonly [name: string]: string | undefined }
  /** What they are held to. */
  readonly clock: Clock
  readonly document: ConfigDocument
  readonly problems: ConfigProblem[]
  readonly note: Note
  /** Where they write what they decide. */
  readonly log: LogWriter
  /** Of the agents' endpoints, by name: each that is made is added. */
  readonly clients: Map<string, AgentClient>
  /** What those who read questions may find: each that is made adds its own. */
  readonly vocabularies: Vocabulary[]
  /** Intents and slots that settings name. */
  readonly mentions: { readonly what: keyof Vocabulary; readonly word: string; readonly path: Path }[]
}

/** Keys of a place that are the team's, not its agent's. */
const ownKeys = ['bounds', 'timeoutMs', 'asUnderstood', 'memory']

type MemberSettings = { readonly use: string; readonly [key: string]: unknown }

/** @returns null where it can't be made: why is noted */
export function makeAgent(
  name: string,
  { use, ...given }: MemberSettings,
  at: Path,
  making: Making,
  otherKeys: readonly string[] = ownKeys,
): Agent | null {
  const { baseDir, env, clock, log, document, problems, note } = making
  const entry = agentEntries.find((one) => one.name === use || one.aliases.includes(use))
  if (entry === undefined) {
    note(
      [...at, 'use'],
      unknownNameMessage(
        'agent',
        use,
        agentEntries.map((one) => one.name),
      ),
    )
    return null
  }
  // A time limit is the team's and the agent's, where it has one.
  const own = (entry.schema as { readonly shape?: object }).shape ?? {}
  const settings = Object.fromEntries(
    Object.entries(given).filter(([key]) => !otherKeys.includes(key) || Object.hasOwn(own, key)),
  )
  const parsed = checkWithSchema(entry.schema, document, at, settings, ['use', ...otherKeys])
  if ('problems' in parsed) {
    problems.push(...parsed.problems)
    return null
  }
  const files = new Map<string, readonly AgentFile[]>()
  for (const path of entry.files?.(parsed.value) ?? []) {
    try {
      files.set(path, agentFiles(path, baseDir))
    } catch (error) {
      note(at, `${path}: ${whyUnreadable(error)}`)
      return null
    }
  }
  try {
    return entry.create(parsed.value, {
      ...{ name, clock, log, files },
      optimum: queueOptimum,
      secret: (variable) => env[variable],
      localModel: (file, options) => ggufModel(file, baseDir, options),
      calls: (client) => void making.clients.set(client.name, client),
      knows: (vocabulary) => void making.vocabularies.push(vocabulary),
      speaksOf: (what, word, path) => void making.mentions.push({ what, word, path: [...at, ...path] }),
      make: (path, of, own, otherKeys = []) => makeAgent(of, own, [...at, ...path], making, otherKeys) ?? nobody(of),
    })
  } catch (error) {
    note(at, (error as Error).message)
    return null
  }
}

/** Stands in a place whose agent could not be made, until the problems are told. */
export function nobody(name: string): Agent {
  const card = { name, summary: 'nobody is here', adds: [], needs: [], repeats: true, longestQuestion: 0 }
  return { card, handle: () => Promise.reject(new Error('nobody is here')) }
}
