import type { Registry } from '../modules/registry.js'
import { resolveEnv } from '../modules/resolve.js'
import { type OpenWorld, openWorlds } from '../worlds/world-cache.js'
import { ConfigDocument } from './config-document.js'
import { EntryReader, isMapping } from './entry-reader.js'
import { environmentKeys } from './experiment-schema.js'
import type { LoadedEnv } from './loaded-experiment.js'
import { applyOverrides } from './overrides.js'

/**
 * An environment named on the command line, with its `--set key=value` settings and what it stands on.
 * @param use - a registered name, or a path relative to `baseDir`
 * @throws UnknownNameError or UserModuleError when there is no such environment
 * @throws ConfigError with every problem of the settings
 */
export async function loadEnvironment(
  use: string,
  baseDir: string,
  options: { readonly set?: readonly string[]; readonly registry?: Registry } = {},
): Promise<LoadedEnv & { readonly world: OpenWorld }> {
  const resolving = options.registry === undefined ? {} : { registry: options.registry }
  const resolved = await resolveEnv(use, baseDir, resolving)
  const document = ConfigDocument.fromData({})
  const reader = new EntryReader(document, baseDir, resolving)
  reader.problems.push(...applyOverrides(document, options.set ?? []))
  const settings = isMapping(document.data) ? document.data : {}
  const config = reader.settings([], resolved.entry.schema, settings, environmentKeys)
  const files = config === undefined ? undefined : await reader.files([], resolved.entry, config)
  if (config === undefined || files === undefined || reader.problems.length > 0) throw reader.failure()
  const world = await openWorlds.open(resolved.entry, { config, ...files }, null)
  return { label: resolved.entry.name, ...resolved, config, ...files, world }
}
