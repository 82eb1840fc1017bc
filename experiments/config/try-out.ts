import type { Env } from '#env/env.js'
import { NotEnumerableError } from '#env/errors.js'
import { isEnumerable, toJointMdp } from '#env/mdp/enumerate.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { layoutOf } from '#env/spec.js'
import { shipped } from '../modules/registry.js'
import type { EntryReader } from './entry-reader.js'
import type { LoadedAlgorithm, LoadedBaseline, LoadedEntry } from './loaded-experiment.js'

type LoadedEnv = LoadedEntry<EnvEntry>

/**
 * Makes every environment, learner and baseline once: what only their constructors can tell (an expression that doesn't
 * parse, a learner that needs numbered states) is then known before anything is written. Nothing made is kept but the
 * environments, for their specs.
 */
export async function tryOut(
  reader: EntryReader,
  discount: number,
  loaded: {
    readonly environments: readonly LoadedEnv[]
    readonly algorithms: readonly LoadedAlgorithm[]
    readonly baselines: readonly LoadedBaseline[]
  },
): Promise<ReadonlyMap<string, Env>> {
  const made = await makeEnvironments(reader, loaded.environments)
  for (const { label, entry, config, on, steps, rows } of loaded.algorithms) {
    for (const env of on) {
      const spec = made.get(env)?.spec
      if (spec === undefined) continue
      const context = { spec, discount, totalSteps: steps, rows, rng: new Rng('try-out') }
      await reader.attempt(['algorithms', label], () => void entry.create(context, config), 'key')
    }
  }
  for (const { entry, config, on, position } of loaded.baselines) {
    for (const env of on) {
      const spec = made.get(env)?.spec
      const envConfig = loaded.environments.find(({ label }) => label === env)?.config
      if (spec !== undefined) {
        await reader.attempt(['baselines', position], () => void entry.create({ spec, envConfig }, config))
      }
    }
  }
  return made
}

/**
 * Makes each environment once; those that fail are missing from the result, their failures noted. The models of users'
 * own environments are gone through: what is wrong in them is then known before anything is written.
 */
export async function makeEnvironments(
  reader: EntryReader,
  environments: readonly LoadedEnv[],
): Promise<ReadonlyMap<string, Env>> {
  const made = new Map<string, Env>()
  const ours = await shipped.environments()
  for (const { label, entry, config } of environments) {
    const env = await reader.attempt(
      ['environments', label],
      () => {
        const one = entry.create(config)
        layoutOf(one.spec)
        if (!ours.includes(entry)) checkModel(entry.create(config))
        return one
      },
      'key',
    )
    if (env !== undefined) made.set(label, env)
  }
  return made
}

/** Largest model that is gone through: larger ones are only made where exact evaluation asks for them. */
const MOST_TRANSITIONS = 10_000_000

/** @throws ModelError when the declared transitions don't form a model */
function checkModel(env: Env): void {
  if (!isEnumerable(env)) return
  try {
    toJointMdp(env, { observation: false, state: false, maxTransitions: MOST_TRANSITIONS })
  } catch (error) {
    if (!(error instanceof NotEnumerableError)) throw error
  }
}

/** Refuses exact methods on environments without a finite model. */
export function requireEnumerable(
  reader: EntryReader,
  made: ReadonlyMap<string, Env>,
  labels: readonly string[],
  path: readonly (string | number)[],
  what: string,
): void {
  for (const label of labels) {
    const env = made.get(label)
    if (env !== undefined && !isEnumerable(env)) {
      reader.refuse(path, `${what} needs an environment with a finite model; "${label}" has none`)
    }
  }
}
