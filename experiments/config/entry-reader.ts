import { resolve } from 'node:path'
import type { z } from 'zod'
import { CadreError, ConfigError, type ConfigProblem, nearestName } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { EnvEntry } from '#env/registry.js'
import { locateOutcomes } from '../data/locate-outcomes.js'
import { locateRecording } from '../data/recordings.js'
import { type Resolved, type ResolveOptions, resolveEnv } from '../modules/resolve.js'
import type { PlannedEnv } from '../plan/trial-plan.js'
import { describeFailure } from '../runner/describe-failure.js'
import type { ConfigDocument, ConfigPath } from './config-document.js'
import { environmentKeys } from './experiment-schema.js'
import type { LoadedEnv } from './loaded-experiment.js'
import { checkWithSchema } from './parse-with-schema.js'
import { readDocument } from './read-document.js'

/** Reads entries of one document and gathers what is wrong with them. */
export class EntryReader {
  readonly problems: ConfigProblem[] = []
  readonly document: ConfigDocument
  /** Absolute folder that paths are relative to. */
  readonly baseDir: string
  readonly options: ResolveOptions

  constructor(document: ConfigDocument, baseDir: string, options: ResolveOptions) {
    this.document = document
    this.baseDir = baseDir
    this.options = options
  }

  refuse(path: ConfigPath, message: string, at: 'key' | 'value' = 'value'): undefined {
    this.problems.push(this.document.problem(path, message, at))
    return undefined
  }

  /** All problems, what came from the command line first, then in the order of the file; each only once. */
  failure(): ConfigError {
    const unique = new Map(this.problems.map((problem) => [JSON.stringify(problem), problem]))
    const place = ({ line = 0, column = 0 }: ConfigProblem) => line * 1e6 + column
    return new ConfigError([...unique.values()].sort((a, b) => place(a) - place(b)))
  }

  /** Runs `make`, turning its failure into a problem at `path`. */
  async attempt<T>(
    path: ConfigPath,
    make: () => T | Promise<T>,
    at: 'key' | 'value' = 'value',
  ): Promise<T | undefined> {
    try {
      return await make()
    } catch (error) {
      const { message, stack } = describeFailure(error)
      if (error instanceof CadreError) return this.refuse(path, message, at)
      this.problems.push({ ...this.document.problem(path, `failed: ${message}`, at), ...(stack && { stack }) })
      return undefined
    }
  }

  /** A value as its schema has it, or undefined with the problems noted. */
  check<T>(schema: z.ZodType<T>, path: ConfigPath, input: unknown, extraKeys: readonly string[] = []): T | undefined {
    const checked = checkWithSchema(schema, this.document, path, input, extraKeys)
    if ('value' in checked) return checked.value
    this.problems.push(...checked.problems)
    return undefined
  }

  /** An entry's reserved keys, checked, and its settings, not yet. */
  split<T>(
    path: ConfigPath,
    raw: unknown,
    reserved: z.ZodObject & z.ZodType<T>,
  ): { own: T | undefined; settings: Record<string, unknown> } {
    const settings = { ...(isMapping(raw) ? raw : {}) }
    const own: Record<string, unknown> = {}
    for (const key of Object.keys(reserved.shape)) {
      if (!Object.hasOwn(settings, key)) continue
      own[key] = settings[key]
      delete settings[key]
    }
    return { own: this.check<T>(reserved, path, own), settings }
  }

  /** An entry's settings with defaults; they must be plain JSON, as they cross to workers and into hashes. */
  settings(
    path: ConfigPath,
    schema: z.ZodType,
    settings: Record<string, unknown>,
    reserved: z.ZodObject,
  ): Json | undefined {
    const value = this.check(schema, path, settings, Object.keys(reserved.shape))
    if (value === undefined) return undefined
    const plain = asJson(value)
    return plain === undefined ? this.refuse(path, 'its schema gives values that JSON has no place for', 'key') : plain
  }

  /** Resolves `use`, where it is given, or the label. */
  async resolve<E>(
    path: ConfigPath,
    label: string,
    own: { use?: string | undefined } | undefined,
    find: (use: string) => Promise<Resolved<E>>,
  ): Promise<Resolved<E> | undefined> {
    if (own === undefined) return undefined
    if (own.use !== undefined) return this.attempt([...path, 'use'], () => find(own.use!))
    return this.attempt(path, () => find(label), 'key')
  }

  /** Reads the `environments` of an experiment or a benchmark. */
  async environments(raw: unknown): Promise<LoadedEnv[]> {
    const loaded: LoadedEnv[] = []
    for (const [label, value] of entriesOf(raw)) {
      const path = ['environments', label]
      const { own, settings } = this.split(path, value, environmentKeys)
      const resolved = await this.resolve(path, label, own, (use) => resolveEnv(use, this.baseDir, this.options))
      if (resolved === undefined) continue
      const given = this.#fromFile(path, resolved.entry.schema, own?.settings)
      if (given === undefined) continue
      const config = this.settings(path, resolved.entry.schema, { ...given, ...settings }, environmentKeys)
      if (config === undefined) continue
      const files = await this.files(path, resolved.entry, config)
      if (files !== undefined) loaded.push({ label, ...resolved, config, ...files })
    }
    return loaded
  }

  /** Settings that stand in a file of their own, none where there is none; undefined, with the problems noted, where they are wrong. */
  #fromFile(path: ConfigPath, schema: z.ZodType, file: string | undefined): Record<string, unknown> | undefined {
    if (file === undefined) return {}
    let document: ConfigDocument
    try {
      document = readDocument(resolve(this.baseDir, file))
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      // What it says of the file, or of a place in it.
      const located = error.problems.filter(({ line }) => line !== undefined)
      if (located.length > 0) this.problems.push(...located)
      else this.refuse([...path, 'settings'], `${file}: ${error.problems[0]!.message}`)
      return undefined
    }
    if (!isMapping(document.data)) {
      return this.refuse([...path, 'settings'], `${file}: expected settings of an environment by their names`)
    }
    const checked = checkWithSchema(schema, document, [], document.data)
    if ('value' in checked) return document.data
    this.problems.push(...checked.problems)
    return undefined
  }

  /** The files that an environment stands on; undefined, with the problem noted, where one isn't here. */
  async files(
    path: ConfigPath,
    entry: EnvEntry,
    config: Json,
  ): Promise<Pick<PlannedEnv, 'data' | 'recording'> | undefined> {
    const table = entry.data?.source(config) ?? null
    if (table !== null) {
      return this.attempt([...path, table.key], async () => ({
        data: { key: table.key, ...(await locateOutcomes(table.name, this.baseDir)), models: table.models },
      }))
    }
    const recorded = entry.recording?.source(config) ?? null
    if (recorded === null) return { data: null }
    return this.attempt([...path, ...recorded.key], async () => ({
      data: null,
      recording: await locateRecording(recorded, this.baseDir),
    }))
  }

  /** Labels of environments in an `on` list, unknown ones refused; all of `labels` without a list. */
  on(path: ConfigPath, on: readonly string[] | undefined, labels: readonly string[]): readonly string[] {
    if (on === undefined) return labels
    on.forEach((label, i) => {
      if (!labels.includes(label)) {
        const nearest = nearestName(label, labels)
        const hint = nearest === undefined ? `environments: ${labels.join(', ')}` : `did you mean "${nearest}"?`
        this.refuse([...path, i], `no environment is labelled "${label}"; ${hint}`)
      } else if (on.indexOf(label) !== i) {
        this.refuse([...path, i], `"${label}" stands twice`)
      }
    })
    return labels.filter((label) => on.includes(label))
  }
}

/** The entries of a mapping, or none where it isn't one (which the document's own schema reports). */
export function entriesOf(raw: unknown): [label: string, value: unknown][] {
  return isMapping(raw) ? Object.entries(raw) : []
}

/** Schemas of records leave out an entry labelled `__proto__` without a word: it is named here. */
export function refuseLostLabels(reader: EntryReader, data: Record<string, unknown>, keys: readonly string[]): void {
  for (const key of keys) {
    const entries = data[key]
    if (!isMapping(entries) || !Object.hasOwn(entries, '__proto__')) continue
    reader.refuse([key, '__proto__'], 'expected a label that starts with a letter or digit', 'key')
  }
}

/** The labels under a key of a document, whatever is wrong with the entries. */
export function labelsOf(data: unknown, key: string): string[] {
  return isMapping(data) ? entriesOf(data[key]).map(([label]) => label) : []
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as plain JSON, undefined keys left out; undefined where there is more to it (a function, a Map, NaN). */
function asJson(value: unknown): Json | undefined {
  if (Array.isArray(value)) {
    const items = value.map(asJson)
    return items.includes(undefined) ? undefined : (items as Json[])
  }
  if (typeof value !== 'object' || value === null) {
    const plain = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
    return plain ? (value as Json) : undefined
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return undefined
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  const converted = fields.map(([key, field]) => [key, asJson(field)] as const)
  return converted.some(([, field]) => field === undefined) ? undefined : (Object.fromEntries(converted) as Json)
}
