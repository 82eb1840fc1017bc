import type { LearnerEntry } from '#algorithms/learner.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'

/** What names can stand for. Each list is loaded when first asked for. */
export interface Registry {
  environments(): Promise<readonly EnvEntry[]>
  learners(): Promise<readonly LearnerEntry[]>
  /** Policies that aren't learned and know no particular environment. */
  baselines(): Promise<readonly PolicyEntry[]>
}

/** What ships with Cadre: the rooms' lists, joined. */
export const shipped: Registry = {
  environments: async () => (await import('#env/environments.js')).environments,
  learners: async () => (await import('#algorithms/learners.js')).learners,
  baselines: async () => (await import('#algorithms/baselines/baselines.js')).baselines,
}

/** The entry that a name or alias stands for. */
export function findEntry<E extends { readonly name: string; readonly aliases: readonly string[] }>(
  entries: readonly E[],
  name: string,
): E | undefined {
  return entries.find((entry) => entry.name === name || entry.aliases.includes(name))
}

/** All names, without aliases: what messages list. */
export function namesOf(entries: readonly { readonly name: string }[]): string[] {
  return entries.map((entry) => entry.name)
}
