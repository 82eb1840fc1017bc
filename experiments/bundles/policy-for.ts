import { checkBundleFits, loadPolicy } from '#algorithms/bundle/load-policy.js'
import type { Json } from '#env/env.js'
import { ConfigError, UsageError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import type { EnvEntry } from '#env/registry.js'
import type { EnvSpec } from '#env/spec.js'
import type { Registry } from '../modules/registry.js'
import { resolvePolicy } from '../modules/resolve.js'
import { bundleFolder } from './bundle-folder.js'
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

/**
 * The policy that `use` stands for: the folder of a bundle, a registered or scripted policy at its defaults, or a user's file.
 * @param baseDir - absolute folder that paths are relative to
 * @throws BundleError when a bundle is malformed, or made for another environment, version or settings
 * @throws UnknownNameError or UserModuleError when there is no such policy; UsageError when it has no defaults
 */
export async function policyFor(
  use: string,
  { entry, config, spec }: PolicySetting,
  options: { readonly baseDir: string; readonly registry?: Registry },
): Promise<NamedPolicy> {
  const folder = bundleFolder(use, options.baseDir)
  if (folder !== undefined) {
    const bundle = readBundle(folder)
    const policy = naming(folder, () => {
      checkBundleFits(bundle, { id: spec.id, version: spec.version, config: config as object })
      return loadPolicy(bundle, spec)
    })
    return { name: use, kind: 'bundle', policy }
  }
  const resolving = options.registry === undefined ? {} : { registry: options.registry }
  const { entry: found } = await resolvePolicy(use, options.baseDir, entry, resolving)
  const settings = found.schema.safeParse({})
  const refuse = (reason: string) =>
    new UsageError(
      `policy "${use}" can't be made at its defaults: ${reason}; give its settings in a suite of cadre bench`,
    )
  if (!settings.success) throw refuse(settings.error.issues[0]!.message)
  try {
    return { name: use, kind: 'entry', policy: found.create({ spec, envConfig: config }, settings.data) }
  } catch (error) {
    throw error instanceof ConfigError ? refuse(error.message) : error
  }
}
