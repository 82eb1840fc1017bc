import { existsSync } from 'node:fs'
import { loadPolicy } from '#algorithms/bundle/load-policy.js'
import type { PolicyBundle } from '#algorithms/bundle/policy-bundle.js'
import { isShippedKind, type PolicyLoader } from '#algorithms/bundle/policy-kinds.js'
import type { LearnerEntry } from '#algorithms/learner.js'
import { BundleError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
import { findEntry, type Registry, shipped } from '../modules/registry.js'
import { userEntry } from '../modules/user-entry.js'
import { loadUserFile } from '../modules/user-file.js'
import { naming } from './read-bundle.js'

/**
 * The policy of a bundle, of a kind that ships or of a learner's own: then the learner's file is imported, once its sha256 is that
 * of the file which trained the policy, and its `loadPolicy` reads it.
 * @param folder - of the bundle: errors name it
 * @param registry - knows learners given in code
 * @throws BundleError when it can't be read, or doesn't fit the spec
 * @throws UserModuleError when the learner's file doesn't load
 */
export async function loadBundlePolicy(
  folder: string,
  bundle: PolicyBundle,
  spec: EnvSpec,
  registry: Registry = shipped,
): Promise<Policy> {
  const { kind } = bundle.description
  if (isShippedKind(kind)) return naming(folder, () => loadPolicy(bundle, spec))
  const load = await ownLoader(folder, bundle, registry)
  return naming(folder, () => loadPolicy(bundle, spec, { [kind]: load }))
}

async function ownLoader(folder: string, { description }: PolicyBundle, registry: Registry): Promise<PolicyLoader> {
  const { kind, loader } = description
  const refuse = (message: string) => new BundleError(`${folder}: policy bundle: ${message}`)
  if (loader === undefined) {
    throw refuse(
      `its policy kind "${kind}" doesn't ship, and it names no learner that reads it; train the policy again`,
    )
  }
  if ('name' in loader) {
    const entry = findEntry(await registry.learners(), loader.name)
    if (entry?.loadPolicy !== undefined) return readBy(entry)
    throw refuse(
      `its policy kind "${kind}" is read by the learner "${loader.name}", which was given in code; from code, give it again: bench(suite, { learners: [learner] }), or loadPolicy(bundle, spec, { ${JSON.stringify(kind)}: learner.loadPolicy })`,
    )
  }
  const { file, sha256 } = loader
  if (!existsSync(file)) {
    throw refuse(
      `its policy kind "${kind}" is read by the learner in ${file}, which is not there; put the file back, the one with sha256 ${sha256}`,
    )
  }
  const loaded = await loadUserFile(file, '/', {
    sha256,
    changed: (got) =>
      refuse(
        `its policy kind "${kind}" is read by the learner in ${file}, which changed since: its sha256 is ${got}, that of the training ${sha256}; put that version back, or train again`,
      ),
  })
  const entry = userEntry(loaded, 'algorithm') as unknown as LearnerEntry
  if (entry.loadPolicy !== undefined) return readBy(entry)
  throw refuse(
    `the learner in ${file} has no loadPolicy(stored, spec) for its policy kind "${kind}"; add it and train again`,
  )
}

function readBy(entry: LearnerEntry): PolicyLoader {
  return (stored, spec) => entry.loadPolicy!(stored, spec)
}
