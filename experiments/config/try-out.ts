import { requireMethods, requirePolicy } from '#algorithms/conformance/learner-methods.js'
import { everyTotalIsFinite } from '#algorithms/planning/total-reward.js'
import type { Env } from '#env/env.js'
import { ConfigError, ModelError, NotEnumerableError, SpaceError } from '#env/errors.js'
import { isEnumerable, toJointMdp } from '#env/mdp/enumerate.js'
import { Rng } from '#env/rng.js'
import { layoutOf } from '#env/spec.js'
import { checkPolicyView } from '../evaluation/check-policy-view.js'
import { affordableLimit, whyNotExact } from '../evaluation/evaluator.js'
import { shipped } from '../modules/registry.js'
import { fewRows } from '../worlds/few-rows.js'
import { type OpenWorld, openWorlds } from '../worlds/world-cache.js'
import type { EntryReader } from './entry-reader.js'
import { actFirstStep, learnFirstStep, takeFirstStep } from './first-step.js'
import type { LoadedAlgorithm, LoadedBaseline, LoadedEnv } from './loaded-experiment.js'

/**
 * Makes every environment, learner and baseline once: what only their constructors can tell (an expression that doesn't
 * parse, a learner that needs numbered states) is then known before anything is written. Where one of the two is a user's own
 * they also play a step: what ships is known to play. Nothing made is kept but the environments, for their specs.
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
  const [ourLearners, ourPolicies] = [await shipped.learners(), await shipped.baselines()]
  const madeIn = (label: string) => {
    const environment = loaded.environments.find((one) => one.label === label)
    const env = made.get(label)
    return environment === undefined || env === undefined ? null : { environment, spec: env.spec }
  }
  const ourEnvironments = await shipped.environments()
  for (const { label, entry, config, on, budget, rows, form, team } of loaded.algorithms) {
    for (const env of on) {
      const found = madeIn(env)
      if (found === null) continue
      const { environment, spec } = found
      const context = {
        spec,
        agents: spec.agents.map((_, i) => i),
        discount,
        totalSteps: 'steps' in budget ? budget.steps : rows,
        rows,
        rng: new Rng('try-out'),
      }
      await reader.attempt(
        [team === undefined ? 'algorithms' : 'teams', label],
        async () => {
          if (entry.needs?.(config).actionReward === true && spec.knowsActionRewards !== true) {
            throw new SpaceError(
              `asks for the rewards of actions not taken, which ${spec.id} doesn't know as "${env}" sets it; learn from what is earned (feedback: bandit)`,
            )
          }
          // Learners on tensors are made where their device is.
          if (form !== 'arrays') return
          const learner = requireMethods(entry.name, await entry.forms.arrays!(context, config))
          if (ourLearners.includes(entry) && ourEnvironments.includes(environment.entry)) return
          const { train } = await openWorlds.open(environment.entry, environment, null)
          await learnFirstStep(() => train.create(environment.config), learner, rows, entry.needs?.(config))
        },
        'key',
      )
    }
  }
  for (const { entry, config, on, position } of loaded.baselines) {
    for (const env of on) {
      const found = madeIn(env)
      if (found === null) continue
      const { environment, spec } = found
      const { config: envConfig } = environment
      await reader.attempt(['baselines', position], async () => {
        const { train, data } = await openWorlds.open(environment.entry, environment, null)
        const given = { spec, envConfig, ...(data === null ? {} : { data: fewRows(data) }) }
        const policy = requirePolicy(entry.name, entry.create(given, config))
        const known = ourPolicies.includes(entry) || (environment.entry.policies ?? []).includes(entry)
        if (known && ourEnvironments.includes(environment.entry)) return
        actFirstStep(() => train.create(envConfig), policy)
      })
    }
  }
  return made
}

/**
 * Makes each environment once; those that fail are missing from the result, their failures noted. The models and
 * views of users' own environments are gone through: what is wrong in them is then known before anything is written.
 */
export async function makeEnvironments(
  reader: EntryReader,
  environments: readonly LoadedEnv[],
): Promise<ReadonlyMap<string, Env>> {
  const made = new Map<string, Env>()
  const ours = await shipped.environments()
  for (const loaded of environments) {
    const { label, entry, config } = loaded
    const world = await openWorld(reader, loaded)
    if (world === undefined) continue
    const env = await reader.attempt(
      ['environments', label],
      () => {
        const one = world.train.create(config)
        layoutOf(one.spec)
        if (!ours.includes(entry)) {
          takeFirstStep(() => world.train.create(config))
          checkModel(world.train.create(config))
          checkPolicyView(world.train, config)
        }
        return one
      },
      'key',
    )
    if (env !== undefined) made.set(label, env)
  }
  return made
}

/** The files of an environment read and prepared; undefined, with each problem at its place, where that fails. */
async function openWorld(reader: EntryReader, { label, entry, ...planned }: LoadedEnv): Promise<OpenWorld | undefined> {
  try {
    return await openWorlds.open(entry, planned, null)
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      const { data, recording } = planned
      const key = data === null ? (recording?.key ?? []) : [data.key]
      return reader.attempt(['environments', label, ...key], () => {
        throw error
      })
    }
    for (const problem of error.problems) {
      // Those of the table's own file are located already; the others are of the environment's settings.
      if (problem.file !== undefined) reader.problems.push(problem)
      else reader.refuse(['environments', label, ...pathOf(problem.path)], problem.message)
    }
    return undefined
  }
}

/** The keys of a path in words: `models.0.name` is models, 0, name. */
function pathOf(path: string): (string | number)[] {
  if (path === '') return []
  return path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))
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
      const { noModel } = env.spec
      const why = noModel === undefined ? '' : `: ${noModel}`
      reader.refuse(path, `${what} needs an environment with a finite model; "${label}" has none${why}`)
    }
  }
}

/** Refuses exact evaluation at discount 1 on models in which a policy may go on for ever among rewards. */
export async function requireFiniteTotals(
  reader: EntryReader,
  made: ReadonlyMap<string, Env>,
  labels: readonly string[],
  path: readonly (string | number)[],
): Promise<void> {
  for (const label of labels) {
    const env = made.get(label)
    if (env === undefined || !isEnumerable(env)) continue
    await reader.attempt(path, () => {
      const model = toJointMdp(env, { observation: false, state: false })
      if (!everyTotalIsFinite(model) && affordableLimit(env.spec, model.successor.length) === null)
        throw new ModelError(`"${label}": ${whyNotExact}`)
    })
  }
}

/** Refuses discount 1 where scores could be neither exact nor sampled: no step limit, and a policy may go on for ever. */
export function requireEnds(
  reader: EntryReader,
  made: ReadonlyMap<string, Env>,
  method: 'auto' | 'exact' | 'sampled',
): void {
  for (const [label, env] of made) {
    if (env.spec.limitSteps !== null || (method !== 'sampled' && everyPolicyEnds(env))) continue
    reader.refuse(
      ['environments', label],
      "with discount 1 a score is neither exact, as a policy may go on for ever, nor sampled, as episodes have no step limit; set the environment's limitSteps, or a discount below 1",
      'key',
    )
  }
}

function everyPolicyEnds(env: Env): boolean {
  if (!isEnumerable(env)) return false
  try {
    const limits = { observation: false, state: false, maxTransitions: MOST_TRANSITIONS }
    return everyTotalIsFinite(toJointMdp(env, limits))
  } catch (error) {
    if (error instanceof NotEnumerableError) return false
    throw error
  }
}
