import { dirname, resolve } from 'node:path'
import type { Registry } from '../modules/registry.js'
import { resolveEnv } from '../modules/resolve.js'
import { type OpenWorld, openWorlds } from '../worlds/world-cache.js'
import { ConfigDocument } from './config-document.js'
import { EntryReader, isMapping } from './entry-reader.js'
import { environmentKeys } from './experiment-schema.js'
import type { LoadedEnv } from './loaded-experiment.js'
import { applyOverrides } from './overrides.js'
import { readDocument } from './read-document.js'

/**
 * An environment named on the command line, with its `--set key=value` settings and what it stands on.
 * @param use - a registered name, or a path relative to `baseDir`
 * @param options.settings - a file of settings, relative to `baseDir`; `set` changes them
 * @throws UnknownNameError or UserModuleError when there is no such environment
 * @throws ConfigError with every problem of the settings
 */
export async function loadEnvironment(
  use: string,
  baseDir: string,
  options: { readonly set?: readonly string[]; readonly settings?: string; readonly registry?: Registry } = {},
): Promise<LoadedEnv & { readonly world: OpenWorld }> {
  const resolving = options.registry === undefined ? {} : { registry: options.registry }
  const resolved = await resolveEnv(use, baseDir, resolving)
  const file = options.settings === undefined ? null : resolve(baseDir, options.settings)
  const document = file === null ? ConfigDocument.fromData({}) : readDocument(file)
  const reader = new EntryReader(document, file === null ? baseDir : dirname(file), resolving)
  reader.problems.push(...applyOverrides(document, options.set ?? []))
  const { data } = document
  if (!isMapping(data)) reader.refuse([], 'expected settings of an environment by their names')
  const settings = isMapping(data) ? data : {}
  const config = reader.settings([], resolved.entry.schema, settings, environmentKeys)
  const files = config === undefined ? undefined : await reader.files([], resolved.entry, config)
  if (config === undefined || files === undefined || reader.problems.length > 0) throw reader.failure()
  const world = await openWorlds.open(resolved.entry, { config, ...files }, null)
  return { label: resolved.entry.name, ...resolved, config, ...files, world }
}
