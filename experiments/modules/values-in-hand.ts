import { createHash } from 'node:crypto'
import type { LearnerEntry } from '#algorithms/learner.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import { type Registry, shipped } from './registry.js'
import { type EntryKind, type UserEntry, userEntry } from './user-entry.js'

/** What stands in code where a file has names: entries given by value, taken out and put under names. */
export class ValuesInHand {
  readonly #given: { readonly [kind in EntryKind]: UserEntry[] } = { environment: [], algorithm: [], policy: [] }

  /** Whether any entry was given by value: it can't cross to a worker thread. */
  get any(): boolean {
    return Object.values(this.#given).some((entries) => entries.length > 0)
  }

  /**
   * The same settings with names in place of values.
   * @param entries - settings by label, or a list of settings or names
   * @throws UserModuleError when a value isn't an entry
   */
  name<T>(kind: EntryKind, entries: T): T {
    const replace = (settings: unknown, label: string): unknown => {
      if (typeof settings !== 'object' || settings === null) return settings
      const { use } = settings as { use?: unknown }
      return typeof use === 'object' && use !== null ? { ...settings, use: this.#add(kind, use, label) } : settings
    }
    if (Array.isArray(entries)) return entries.map((entry, k) => replace(entry, `${kind}-${k}`)) as T
    if (typeof entries !== 'object' || entries === null) return entries
    return Object.fromEntries(Object.entries(entries).map(([label, entry]) => [label, replace(entry, label)])) as T
  }

  /** What ships with Cadre, and the values. */
  registry(): Registry {
    const { environment, algorithm, policy } = this.#given
    return {
      environments: async () => [...(environment as unknown as EnvEntry[]), ...(await shipped.environments())],
      learners: async () => [...(algorithm as unknown as LearnerEntry[]), ...(await shipped.learners())],
      baselines: async () => [...(policy as unknown as PolicyEntry[]), ...(await shipped.baselines())],
    }
  }

  /** The version takes in the code of what makes it, so that a run isn't taken for that of an edited entry. */
  #add(kind: EntryKind, value: object, label: string): string {
    const entry = userEntry({ path: label, name: label, sha256: '', exported: value }, kind)
    const code = createHash('sha256').update(codeOf(entry)).digest('hex').slice(0, 8)
    const named = { ...entry, name: `${entry.name} (given)`, version: `${entry.version}+${code}` }
    const same = this.#given[kind].find(({ name, version }) => name === named.name && version === named.version)
    if (same === undefined) this.#given[kind].push(named)
    return named.name
  }
}

/** The code of what makes an entry. */
function codeOf({ create, forms }: UserEntry): string {
  return create === undefined ? Object.values(forms ?? {}).join('\n') : String(create)
}
