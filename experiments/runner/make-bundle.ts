import type { BundleManifest } from '#algorithms/bundle/bundle-schema.js'
import { loadPolicy } from '#algorithms/bundle/load-policy.js'
import { type BundleFiles, decodeBundle, encodeBundle } from '#algorithms/bundle/policy-bundle.js'
import { isShippedKind, policyLoaders } from '#algorithms/bundle/policy-kinds.js'
import type { LearnerEntry } from '#algorithms/learner.js'
import { learners } from '#algorithms/learners.js'
import type { FittedEncoder } from '#env/data-contract.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'

/** The bundle of a trained policy, or why it can't be saved. */
export type MadeBundle = { readonly files: BundleFiles } | { readonly unsaved: string }

/**
 * Makes a bundle that can be read again: of a user's learner it is read back before it counts.
 * @param describe - the manifest for what the policy exports
 * @throws BundleError when the manifest or a tensor is malformed
 */
export function makeBundle(
  policy: Policy,
  entry: LearnerEntry,
  spec: EnvSpec,
  describe: (stored: PolicyExport) => BundleManifest,
  encoder: FittedEncoder | null | undefined,
): MadeBundle {
  const stored = policy.export?.()
  if (stored === undefined) {
    return { unsaved: 'the policy has no export(); give it one that returns { kind, details, tensors }' }
  }
  const { kind } = stored
  // A team's entry reads the seats whose kinds don't ship.
  const own = isShippedKind(kind) && kind !== 'team' ? undefined : entry.loadPolicy
  if (!isShippedKind(kind) && own === undefined) {
    return { unsaved: `nothing reads its kind "${kind}"; give the learner's entry loadPolicy(stored, spec)` }
  }
  const files = encodeBundle(describe(stored), stored, encoder)
  if (learners.includes(entry)) return { files }
  const loaders = own === undefined ? policyLoaders : { [kind]: own }
  try {
    loadPolicy(decodeBundle(files), spec, loaders)
    return { files }
  } catch (error) {
    return { unsaved: `what it exports can't be read back: ${error instanceof Error ? error.message : String(error)}` }
  }
}
