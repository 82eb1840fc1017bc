import { claims } from '#algorithms/conformance/claims.js'
import { KnownWorld } from '#algorithms/conformance/known-world.js'
import { Rng } from '#env/rng.js'
import type { EntryKind, UserEntry } from '../modules/user-entry.js'

/** Keys that only an algorithm's entry has. */
const algorithmOnly = ['tensors', 'forms', 'needs', 'asksActionRewards', 'exceptions', 'loadPolicy']

/**
 * What a user's entry makes, found out by making it: entries don't say. Where nothing comes out, an environment, whose checks
 * then say what was thrown.
 */
export async function tellKind(entry: UserEntry): Promise<EntryKind> {
  if (algorithmOnly.some((key) => Object.hasOwn(entry, key))) return 'algorithm'
  const settings = entry.schema.safeParse({})
  const config = settings.success ? settings.data : {}
  const create = entry.create as (...given: unknown[]) => unknown
  const contexts = claims.flatMap(({ world }) => {
    const { spec } = new KnownWorld(world)
    return [{ spec, envConfig: {}, discount: 0.9, totalSteps: 1000, rows: 1, rng: new Rng('try-out') }]
  })
  for (const given of [[config], ...contexts.map((context) => [context, config])]) {
    const kind = await kindOfMade(() => create(...given))
    if (kind !== undefined) return kind
  }
  return 'environment'
}

async function kindOfMade(make: () => unknown): Promise<EntryKind | undefined> {
  try {
    const made: unknown = await make()
    if (typeof made !== 'object' || made === null) return undefined
    const has = (method: string) => typeof (made as { [key: string]: unknown })[method] === 'function'
    if (['bind', 'reset', 'step'].some(has)) return 'environment'
    if (['update', 'policy', 'saveState', 'loadState'].some(has)) return 'algorithm'
    return has('act') ? 'policy' : undefined
  } catch {
    return undefined
  }
}
