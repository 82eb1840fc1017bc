import { claims } from '#algorithms/conformance/claims.js'
import { KnownWorld } from '#algorithms/conformance/known-world.js'
import { Rng } from '#env/rng.js'
import { type EntryKind, userEntry } from '../modules/user-entry.js'
import type { UserFile } from '../modules/user-file.js'

/**
 * What a user's file makes: an algorithm where its entry has `forms`, else what comes out of `create`, found out by making it.
 * Where nothing comes out, an environment, whose checks then say what was thrown.
 * @throws UserModuleError when it is no entry
 */
export async function tellKind(file: UserFile): Promise<EntryKind> {
  const { exported } = file
  if (typeof exported === 'object' && exported !== null && Object.hasOwn(exported, 'forms')) return 'algorithm'
  const entry = userEntry(file, 'environment')
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
    return has('act') ? 'policy' : undefined
  } catch {
    return undefined
  }
}
