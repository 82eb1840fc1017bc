import { type Registry, shipped } from '../modules/registry.js'
import { resolveEnv, resolveLearner, resolvePolicy } from '../modules/resolve.js'
import type { ModuleRef, PlannedSeat } from '../plan/trial-plan.js'
import { teamEntry } from '../teams/team-entry.js'
import { openWorlds } from '../worlds/world-cache.js'
import type { Entries } from './entries.js'

/** Entries by name in a registry, or by file, as plans name them; files must be what they were when planned. */
export function entriesFrom(registry: Registry): Entries {
  const learner = async ({ use, sha256 }: ModuleRef) => (await resolveLearner(use, '/', { registry, sha256 })).entry
  const seatsOf = (team: readonly PlannedSeat[]) =>
    Promise.all(
      team.map(async ({ agents, learner: seated, bundle }) => {
        return {
          agents,
          bundle,
          learner: seated && { entry: await learner(seated), config: seated.config, ref: seated },
        }
      }),
    )
  return {
    world: async (planned, fold, encoder) => {
      const { entry } = await resolveEnv(planned.use, '/', { registry, sha256: planned.sha256 })
      return openWorlds.open(entry, planned, fold, encoder)
    },
    learner: async ({ team, ...ref }) => (team === undefined ? learner(ref) : teamEntry(await seatsOf(team), registry)),
    policy: async (ref, env) => (await resolvePolicy(ref.use, '/', env, { registry, sha256: ref.sha256 })).entry,
  }
}

/** What ships with Cadre, and users' files. */
export const moduleEntries: Entries = entriesFrom(shipped)
