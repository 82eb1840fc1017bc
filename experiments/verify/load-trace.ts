import type { Env } from '#env/env.js'
import { ConfigError, StateError, StorageError, UnknownNameError } from '#env/errors.js'
import type { EnvEntry } from '#env/registry.js'
import type { Finding } from '#env/schema-words/issue-message.js'
import { allocateSlots } from '#env/slot.js'
import { type Trace, traceSchema } from '#env/trace/trace-schema.js'
import { ConfigDocument } from '../config/config-document.js'
import { checkWithSchema, parseWithSchema } from '../config/parse-with-schema.js'
import { readUserText } from '../data/read-text.js'
import { findEntry, namesOf, type Registry, shipped } from '../modules/registry.js'
import { traceProblems } from './trace-problems.js'

/** A trace that can be replayed, and an environment to replay it in. */
export interface LoadedTrace {
  readonly file: string
  readonly trace: Trace
  readonly env: Env
}

/** Problems listed of one file; a mistake in a recorder repeats in every step. */
const MOST_PROBLEMS = 20

/**
 * Reads a trace and checks all of it: the format, the environment's settings, and everything in it against the environment.
 * @param file - path of a `*.trace.json`
 * @throws StorageError when it can't be read
 * @throws ConfigError with every problem and where it is
 */
export async function loadTrace(file: string, registry: Registry = shipped): Promise<LoadedTrace> {
  const document = ConfigDocument.fromData(readJson(file), file)
  const trace = capped(() => parseWithSchema(traceSchema, document))
  const { entry, contract } = await replaying(trace.env, document, registry)
  const settings = checkWithSchema(entry.schema, document, ['config'], trace.config)
  if ('problems' in settings) throw new ConfigError(settings.problems)
  const env = entry.create(settings.value)
  const misfits = traceProblems(trace, env.spec, contract)
  const problems = misfits.length > 0 ? misfits : startProblems(trace, env)
  if (problems.length > 0) {
    const located = problems.map(({ path, message, at }) => document.problem(path, message, at))
    throw new ConfigError(firstFew(located))
  }
  return { file, trace, env }
}

/**
 * Starts of the right shape that the environment refuses, such as an agent outside the grid. What its own code throws is
 * no problem of the file: the replay says so.
 */
function startProblems(trace: Trace, env: Env): Finding[] {
  const found: Finding[] = []
  try {
    env.bind(allocateSlots(env.spec, 1).rows[0]!)
    for (const [e, { initial }] of trace.episodes.entries()) {
      const message = refusal(() => env.injectInitial?.(initial))
      if (message !== null) found.push({ path: ['episodes', e, 'initial'], message, at: 'value' })
    }
  } catch {
    // It throws again in the replay.
  }
  return found
}

/** What an environment refuses a start with; null where it takes it. */
function refusal(inject: () => void): string | null {
  try {
    inject()
    return null
  } catch (error) {
    if (error instanceof StateError) return error.message
    throw error
  }
}

function readJson(file: string): unknown {
  let read: ReturnType<typeof readUserText>
  try {
    read = readUserText(file)
  } catch (error) {
    throw new StorageError(`${file}: cannot read: ${(error as Error).message}`, { exitCode: 2, cause: error })
  }
  if ('problem' in read) throw new ConfigError([{ path: '', message: read.problem, file }])
  try {
    return JSON.parse(read.text) as unknown
  } catch (error) {
    throw new ConfigError([{ path: '', message: `not valid JSON: ${(error as Error).message}`, file }])
  }
}

/** The environment that a trace names, with what its traces look like. */
async function replaying(name: string, document: ConfigDocument, registry: Registry) {
  const entries = await registry.environments()
  const replayable = entries.filter(({ trace }) => trace !== undefined)
  const entry: EnvEntry | undefined = findEntry(entries, name)
  if (entry === undefined) {
    const { message } = new UnknownNameError('environment', name, namesOf(replayable))
    throw new ConfigError([document.problem(['env'], message)])
  }
  if (entry.trace === undefined) {
    const message = `${name} can't be started from a given state; environments with traces: ${namesOf(replayable).join(', ')}`
    throw new ConfigError([document.problem(['env'], message)])
  }
  return { entry, contract: entry.trace }
}

function capped<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(firstFew(error.problems)) : error
  }
}

function firstFew(problems: ConfigError['problems']): ConfigError['problems'] {
  const rest = problems.length - MOST_PROBLEMS
  if (rest <= 0) return problems
  const { file } = problems[0]!
  const more = { path: '', message: `and ${rest} more problems`, ...(file === undefined ? {} : { file }) }
  return [...problems.slice(0, MOST_PROBLEMS), more]
}
