import type { LearnerEntry } from '#algorithms/learner.js'
import { UnknownNameError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { PolicyEntry } from '#env/registry.js'
import { findEntry, namesOf, type Registry } from '../modules/registry.js'
import { resolveLearner, resolvePolicy } from '../modules/resolve.js'
import type { EntryKind } from '../modules/user-entry.js'
import { isPath, loadUserFile } from '../modules/user-file.js'
import { policyKeys } from './bench-suite.js'
import { ConfigDocument } from './config-document.js'
import { EntryReader, isMapping } from './entry-reader.js'
import { algorithmKeys } from './experiment-schema.js'
import type { LoadedEnv } from './loaded-experiment.js'
import { applyOverrides } from './overrides.js'
import { tellKind } from './tell-kind.js'

/** An entry with its settings, defaults filled in. */
export interface CheckedEntry<E> {
  readonly entry: E
  readonly config: Json
}

/**
 * What a name or file on the command line is: names are environments first, then algorithms, then policies; a file is tried.
 * @param baseDir - absolute folder that paths are relative to
 * @throws UnknownNameError or UserModuleError when there is no such thing
 */
export async function kindOf(use: string, baseDir: string, registry: Registry): Promise<EntryKind> {
  if (isPath(use)) return tellKind(await loadUserFile(use, baseDir))
  const lists: readonly (readonly [EntryKind, Parameters<typeof findEntry>[0]])[] = [
    ['environment', await registry.environments()],
    ['algorithm', await registry.learners()],
    ['policy', await registry.baselines()],
  ]
  const found = lists.find(([, entries]) => findEntry(entries, use) !== undefined)
  if (found !== undefined) return found[0]
  throw new UnknownNameError(
    'environment, algorithm or policy',
    use,
    lists.flatMap(([, entries]) => namesOf(entries)),
  )
}

/** A learner named on the command line, with its `--set key=value` settings. @throws as `loadEnvironment` */
export async function loadLearner(
  use: string,
  baseDir: string,
  options: { readonly set: readonly string[]; readonly registry: Registry },
): Promise<CheckedEntry<LearnerEntry>> {
  const { entry } = await resolveLearner(use, baseDir, options)
  return { entry, config: settingsOf(entry, baseDir, options.set, algorithmKeys) }
}

/** A policy named on the command line, as `loadLearner`. */
export async function loadPolicyEntry(
  use: string,
  baseDir: string,
  environment: LoadedEnv,
  options: { readonly set: readonly string[]; readonly registry: Registry },
): Promise<CheckedEntry<PolicyEntry>> {
  const { entry } = await resolvePolicy(use, baseDir, environment.entry, options)
  return { entry, config: settingsOf(entry, baseDir, options.set, policyKeys) }
}

function settingsOf(
  entry: LearnerEntry | PolicyEntry,
  baseDir: string,
  set: readonly string[],
  reserved: typeof algorithmKeys | typeof policyKeys,
): Json {
  const document = ConfigDocument.fromData({})
  const reader = new EntryReader(document, baseDir, {})
  reader.problems.push(...applyOverrides(document, set))
  const config = reader.settings([], entry.schema, isMapping(document.data) ? document.data : {}, reserved)
  if (config === undefined || reader.problems.length > 0) throw reader.failure()
  return config
}
