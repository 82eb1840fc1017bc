import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { checkBundleFits } from '#algorithms/bundle/load-policy.js'
import { CadreError, ConfigError, UnknownNameError, UsageError, UserModuleError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Policy } from '#env/policy.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import type { EnvSpec } from '#env/spec.js'
import type { Registry } from '../modules/registry.js'
import { policyNames, resolvePolicy } from '../modules/resolve.js'
import { isPath } from '../modules/user-file.js'
import { bundleFolder } from './bundle-folder.js'
import { loadBundlePolicy } from './load-bundle-policy.js'
import { naming, readBundle } from './read-bundle.js'

/** One environment with its settings, to make a policy for. */
export interface PolicySetting {
  readonly entry: EnvEntry
  /** All settings, defaults filled in. */
  readonly config: Json
  readonly spec: EnvSpec
}

/** A policy ready to act, and what it came from. */
export interface NamedPolicy {
  /** As it was asked for. */
  readonly name: string
  readonly kind: 'bundle' | 'entry'
  readonly policy: Policy
}

interface Options {
  readonly baseDir: string
  readonly registry?: Registry
}

/**
 * The policy that `use` stands for: the folder of a bundle, a registered or scripted policy at its defaults, or a user's file.
 * @param options.baseDir - absolute folder that paths are relative to: that of the command line
 * @throws BundleError when a bundle is malformed, or made for another environment, version or settings
 * @throws UnknownNameError or UserModuleError when there is no such policy; UsageError when it has no defaults
 */
export async function policyFor(use: string, setting: PolicySetting, options: Options): Promise<NamedPolicy> {
  const { config, spec } = setting
  const folder = bundleFolder(use, options.baseDir)
  if (folder !== undefined) {
    const bundle = readBundle(folder)
    naming(folder, () => checkBundleFits(bundle, { id: spec.id, version: spec.version, config: config as object }))
    const policy = await loadBundlePolicy(folder, bundle, spec, options.registry)
    return { name: use, kind: 'bundle', policy }
  }
  const path = resolve(options.baseDir, use)
  if (isPath(use) && !existsSync(path)) {
    const relative = isAbsolute(use) ? '' : '; paths are relative to the folder that the command was started in'
    throw new UserModuleError(`${path}: no such file or folder${relative}`)
  }
  return { name: use, kind: 'entry', policy: atDefaults(use, await found(use, setting, options), setting) }
}

async function found(use: string, setting: PolicySetting, { baseDir, registry }: Options): Promise<PolicyEntry> {
  const resolving = registry === undefined ? {} : { registry }
  const find = async (name: string) => (await resolvePolicy(name, baseDir, setting.entry, resolving)).entry
  try {
    return await find(use)
  } catch (error) {
    if (!(error instanceof UnknownNameError)) throw error
    const usable: string[] = []
    for (const name of await policyNames([setting.entry], resolving)) {
      if (hasDefaults(name, await find(name), setting)) usable.push(name)
    }
    throw new UnknownNameError('policy', use, usable)
  }
}

/** @throws UsageError when the policy needs settings, or data to be fitted on */
function atDefaults(use: string, entry: PolicyEntry, { config, spec }: PolicySetting): Policy {
  const settings = entry.schema.safeParse({})
  const refuse = (reason: string) =>
    new UsageError(
      `policy "${use}" can't be made at its defaults: ${reason}; give its settings in a suite of cadre bench`,
    )
  if (!settings.success) throw refuse(settings.error.issues[0]!.message)
  try {
    return entry.create({ spec, envConfig: config }, settings.data)
  } catch (error) {
    throw error instanceof ConfigError ? refuse(error.message) : error
  }
}

function hasDefaults(name: string, entry: PolicyEntry, setting: PolicySetting): boolean {
  try {
    atDefaults(name, entry, setting)
    return true
  } catch (error) {
    if (error instanceof CadreError) return false
    throw error
  }
}
