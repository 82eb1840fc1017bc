import { resolve } from 'node:path'
import type { Ranker, Ranking } from '#agents/control/ranking.js'
import type { Lead } from '#agents/gateway/gateway.js'
import type { PolicyIdentity } from '#agents/gateway/record-decision.js'
import type { Team } from '#agents/team/team-schema.js'
import { BundleError, ConfigError, type ConfigProblem, unknownNameMessage } from '#env/errors.js'
import {
  agentName,
  type RoutingDispatchConfig,
  resolveInstance,
  routingDispatchConfig,
} from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { readBundle } from '../bundles/read-bundle.js'
import type { ConfigDocument } from '../config/config-document.js'
import { type PolicySource, policyOf } from './policy-source.js'
import { readRouter } from './read-leader.js'
import { TeamSolver } from './team-solver.js'

/** What leads a team with queues. */
export interface DispatchLeader {
  readonly lead: Lead & { readonly kind: 'dispatch' }
  readonly policy: PolicyIdentity
  readonly source: PolicySource
  /** Solves the team anew; null where its policy isn't the optimum. */
  readonly solver: TeamSolver | null
}

/** The policy that is solved for. */
export const OPTIMAL = 'optimal'

/**
 * The environment and the policy that a dispatched team names.
 * @param baseDir - absolute folder that paths are relative to
 * @param sound - false: something else is wrong with the team, and only problems are looked for
 * @param before - solved the team before its file was read again
 * @throws ConfigError with every problem, by line; BundleError when a bundle can't be served
 */
export async function readDispatchLeader(
  team: Team,
  baseDir: string,
  seed: number,
  document: ConfigDocument,
  sound: boolean,
  before: TeamSolver | null = null,
): Promise<DispatchLeader> {
  const folder = typeof team.policy === 'string' ? resolve(baseDir, team.policy) : null
  const bundle = folder === null ? null : readBundle(folder)
  const trained = bundle === null ? null : bundleConfig(bundle.description.environment)
  const config = environmentOf(team, trained)
  const { agents } = resolveInstance(config)
  const problems: ConfigProblem[] = []
  const note = (path: (string | number)[], message: string) => problems.push(document.problem(path, message))
  if (trained !== null && team.dispatch!.environment !== undefined) unlike(trained, config, note)
  const seats = seatsOf(team, agents.map(agentName), note)
  noteTypes(team, config, seats, note)
  const classifier = await readClassifier(
    team,
    resolveInstance(config).types.map(({ name }) => name),
    baseDir,
    seed,
    note,
  )
  // What is wrong elsewhere is told before a team is solved, which may take a while.
  if (problems.length > 0 || !sound) throw new ConfigError(problems)

  const led = async (
    source: PolicySource,
    policy: PolicyIdentity,
    solver: TeamSolver | null,
  ): Promise<DispatchLeader> => ({
    lead: { kind: 'dispatch', config, policy: await policyOf(source, config), seats, classifier },
    ...{ policy, source, solver },
  })
  if (bundle !== null) {
    const { algorithm, sha256 } = bundle.description
    const { name, version } = algorithm
    return led({ kind: 'bundle', folder: folder! }, { name, sha256, version, encoder: null }, null)
  }
  const { use } = team.policy as { use: string }
  const identity: PolicyIdentity = { name: use, sha256: null, version: null, encoder: null }
  if (use === OPTIMAL) {
    const solver = new TeamSolver(config, team.dispatch!.discount, before)
    const solution = await solver.solve(seats.map((seat) => seat !== null))
    return led({ kind: 'optimum', solution }, identity, solver)
  }
  const rules = [OPTIMAL, ...(routingDispatch.policies ?? []).map(({ name }) => name), 'random']
  if (!rules.includes(use)) {
    throw new ConfigError([document.problem(['policy', 'use'], unknownNameMessage('rule', use, rules))])
  }
  return led({ kind: 'rule', use }, identity, null)
}

/** Settings of the environment: the team's own, or those that its policy was trained in; ticks last as the team says. */
function environmentOf({ dispatch }: Team, trained: RoutingDispatchConfig | null): RoutingDispatchConfig {
  const config = dispatch!.environment ?? trained ?? routingDispatchConfig.parse({})
  return { ...config, limitSteps: null, ...(dispatch!.tickMs === undefined ? {} : { tickMs: dispatch!.tickMs }) }
}

/** @throws BundleError where the policy was trained somewhere else */
function bundleConfig({ id, config }: { readonly id: string; readonly config: object }): RoutingDispatchConfig {
  if (id !== routingDispatch.name) {
    throw new BundleError(
      `policy bundle: it was trained in ${id}, and a team with \`dispatch\` takes one of routing-dispatch; leave dispatch out, or serve another policy`,
    )
  }
  return routingDispatchConfig.parse(config)
}

type Note = (path: (string | number)[], message: string) => void

/** Notes what differs of what the policy reads: numbers of its states and observations would mean something else. */
function unlike(trained: RoutingDispatchConfig, config: RoutingDispatchConfig, note: Note): void {
  const at = (...path: (string | number)[]) => ['dispatch', 'environment', ...path]
  const told = (before: unknown, now: unknown) =>
    `the policy was trained with ${JSON.stringify(before)}, got ${JSON.stringify(now)}; train it anew, or leave this out`
  for (const key of ['patience', 'inbox', 'observation', 'control', 'offersPerTick'] as const) {
    if (trained[key] !== config[key]) note(at(key), told(trained[key], config[key]))
  }
  const [before, now] = [resolveInstance(trained), resolveInstance(config)]
  const names = (team: typeof before) => team.types.map(({ name }) => name)
  if (names(before).join('\n') !== names(now).join('\n')) note(at('types'), told(names(before), names(now)))
  if (before.agents.length !== now.agents.length) {
    note(
      at('agents'),
      `the policy was trained for ${before.agents.length} agents, got ${now.agents.length}; train it anew`,
    )
    return
  }
  before.agents.forEach(({ capacity }, i) => {
    const other = now.agents[i]!.capacity
    if (capacity !== other) note(at('agents', i, 'capacity'), told(capacity, other))
  })
}

/** [seats], the team's agent of each; null where none has its name. */
function seatsOf(team: Team, names: readonly string[], note: Note): (number | null)[] {
  team.agents.forEach(({ name }, k) => {
    if (!names.includes(name)) note(['agents', k, 'name'], unknownNameMessage('seat of the team', name, names))
  })
  return names.map((name) => {
    const k = team.agents.findIndex((agent) => agent.name === name)
    return k < 0 ? null : k
  })
}

/** Notes types that nobody who is there takes, and names that are none of a type. */
function noteTypes(team: Team, config: RoutingDispatchConfig, seats: readonly (number | null)[], note: Note): void {
  const { agents, types } = resolveInstance(config)
  const names = types.map(({ name }) => name)
  const { typeRules, otherType } = team.dispatch!
  typeRules.forEach(({ type }, k) => {
    if (!names.includes(type)) note(['dispatch', 'typeRules', k, 'type'], unknownNameMessage('query type', type, names))
  })
  if (otherType !== undefined && !names.includes(otherType)) {
    note(['dispatch', 'otherType'], unknownNameMessage('query type', otherType, names))
  }
  for (const name of names) {
    const taken = agents.some(({ types: own }, i) => seats[i] !== null && (own === undefined || own.includes(name)))
    if (!taken) note(['agents'], `no agent of the team takes queries of type "${name}"; add one that does`)
  }
}

/** What tells the types of texts; its numbers are those of the types. Null where the team names none, or it doesn't fit. */
async function readClassifier(
  { dispatch }: Team,
  types: readonly string[],
  baseDir: string,
  seed: number,
  note: Note,
): Promise<Ranker | null> {
  const folder = dispatch!.typePolicy
  if (folder === undefined) return null
  const path = ['dispatch', 'typePolicy']
  try {
    const { ranker, models } = await readRouter(folder, baseDir, seed)
    const strange = models.filter((model) => !types.includes(model))
    const absent = types.filter((type) => !models.includes(type))
    if (strange.length > 0 || absent.length > 0) {
      note(
        path,
        `expected a policy that chooses between the query types ${types.join(', ')}, got one for ${models.join(', ')}`,
      )
      return null
    }
    return new RenumberedRanker(
      ranker,
      models.map((model) => types.indexOf(model)),
    )
  } catch (error) {
    note(path, (error as Error).message)
    return null
  }
}

/** A ranker under other numbers. */
class RenumberedRanker implements Ranker {
  readonly reason: string
  readonly #ranker: Ranker
  readonly #numbers: readonly number[]

  constructor(ranker: Ranker, numbers: readonly number[]) {
    this.reason = ranker.reason
    this.#ranker = ranker
    this.#numbers = numbers
  }

  rank(text: string): Ranking {
    const { order } = this.#ranker.rank(text)
    return { order: order.map((number) => this.#numbers[number]!), scores: null, probabilities: null }
  }
}
