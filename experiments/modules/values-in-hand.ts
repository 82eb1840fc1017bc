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

  /**
   * The version takes in the code of what makes it, and which object of which process it is: two functions of equal code may close
   * over different values, which nothing can see. So another value's numbers are never read back, nor gone on with.
   */
  #add(kind: EntryKind, value: object, label: string): string {
    const entry = userEntry({ path: label, name: label, sha256: '', exported: value }, kind)
    const code = createHash('sha256').update(codeOf(entry)).digest('hex').slice(0, 8)
    const version = `${entry.version}+${code}.${identityOf(value)}`
    const known = this.#given[kind].find((one) => one.version === version)
    if (known !== undefined) return known.name
    // Several of one name are told apart by a number.
    const alike = this.#given[kind].filter(({ name }) => name.startsWith(`${entry.name} (given`)).length
    const name = `${entry.name} (given${alike === 0 ? '' : ` ${alike + 1}`})`
    this.#given[kind].push({ ...entry, name, version })
    return name
  }
}

const numbers = new WeakMap<object, number>()
let numbered = 0

/** Which value it is, in this process and in no other. */
function identityOf(value: object): string {
  const number = numbers.get(value) ?? ++numbered
  numbers.set(value, number)
  return `${process.pid}-${Math.round(performance.timeOrigin)}-${number}`
}

/** The code of what makes an entry. */
function codeOf({ create, forms }: UserEntry): string {
  return create === undefined ? Object.values(forms ?? {}).join('\n') : String(create)
}
