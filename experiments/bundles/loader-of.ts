import type { BundleManifest } from '#algorithms/bundle/bundle-schema.js'
import type { ModuleRef } from '../plan/trial-plan.js'

/** Where the learner is to be found that reads what it exported: its file, or its name where it was given in code. */
export function loaderOf({ use, sha256 }: ModuleRef): NonNullable<BundleManifest['loader']> {
  return sha256 === null ? { name: use } : { file: use, sha256 }
}
