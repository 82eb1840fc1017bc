import { type Registry, shipped } from '../modules/registry.js'
import { resolveEnv, resolveLearner, resolvePolicy } from '../modules/resolve.js'
import { openWorlds } from '../worlds/world-cache.js'
import type { Entries } from './entries.js'

/** Entries by name in a registry, or by file, as plans name them; files must be what they were when planned. */
export function entriesFrom(registry: Registry): Entries {
  return {
    world: async (planned, fold, encoder) => {
      const { entry } = await resolveEnv(planned.use, '/', { registry, sha256: planned.sha256 })
      return openWorlds.open(entry, planned, fold, encoder)
    },
    learner: async (ref) => (await resolveLearner(ref.use, '/', { registry, sha256: ref.sha256 })).entry,
    policy: async (ref, env) => (await resolvePolicy(ref.use, '/', env, { registry, sha256: ref.sha256 })).entry,
  }
}

/** What ships with Cadre, and users' files. */
export const moduleEntries: Entries = entriesFrom(shipped)
