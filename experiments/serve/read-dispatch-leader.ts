import { resolve } from 'node:path'
import type { Ranker, Ranking } from '#agents/control/ranking.js'
import {
  type Note,
  noteEvents,
  noteTypes,
  readDispatchEnvironment,
  remarksOn,
  seatsOf,
  trainedIn,
} from '#agents/dispatch/dispatch-environment.js'
import type { Lead } from '#agents/gateway/lead.js'
import type { PolicyIdentity } from '#agents/gateway/record-decision.js'
import type { Team } from '#agents/team/team-schema.js'
import { ConfigError, type ConfigProblem, unknownNameMessage } from '#env/errors.js'
import { agentName, resolveInstance } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { readBundle } from '../bundles/read-bundle.js'
import type { ConfigDocument } from '../config/config-document.js'
import { obstacles, statesOf } from './dispatch-optimum.js'
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
  /** What is well, but may not be meant. */
  readonly remarks: readonly string[]
}

/** How a dispatched team is read. */
export interface DispatchReading {
  /** Absolute folder that paths are relative to. */
  readonly baseDir: string
  readonly seed: number
  readonly document: ConfigDocument
  /** False: something else is wrong with the team, and only problems are looked for. */
  readonly sound: boolean
  /** Solved the team before its file was read again. */
  readonly solver?: TeamSolver | null
  /** Hears that the optimum of so many states is about to be solved. */
  onSolving?(numStates: number): void
}

/** The policy that is solved for. */
export const OPTIMAL = 'optimal'

/**
 * The environment and the policy that a dispatched team names.
 * @throws ConfigError with every problem, by line; BundleError when a bundle can't be served
 */
export async function readDispatchLeader(
  team: Team,
  { baseDir, seed, document, sound, solver: before = null, onSolving }: DispatchReading,
): Promise<DispatchLeader> {
  const folder = typeof team.policy === 'string' ? resolve(baseDir, team.policy) : null
  const bundle = folder === null ? null : readBundle(folder)
  const trained = bundle === null ? null : trainedIn(bundle.description)
  const problems: ConfigProblem[] = []
  const note: Note = (path, message) => problems.push(document.problem(path, message))
  const use = typeof team.policy === 'string' ? null : team.policy.use
  const rules = [OPTIMAL, ...(routingDispatch.policies ?? []).map(({ name }) => name), 'random']
  if (use !== null && !rules.includes(use)) note(['policy', 'use'], unknownNameMessage('rule', use, rules))
  const config = readDispatchEnvironment(team, trained, note)
  if (config === null) throw new ConfigError(problems)
  const { agents, types } = resolveInstance(config)
  const seats = seatsOf(team, agents.map(agentName), trained !== null, note)
  noteTypes(team, config, seats, note)
  noteEvents(team, config, note)
  const classifier = await readClassifier(
    team,
    types.map(({ name }) => name),
    baseDir,
    seed,
    note,
  )
  if (use === OPTIMAL) {
    for (const { path, why, instead } of obstacles(config)) {
      const message = `${OPTIMAL} needs an exact model, and there is none: ${why}; ${instead}, or lead the team by a rule or a bundle`
      note(['dispatch', 'environment', ...path], message)
    }
  }
  // What is wrong elsewhere is told before a team is solved, which may take a while.
  if (problems.length > 0 || !sound) throw new ConfigError(problems)

  const led = async (
    source: PolicySource,
    policy: PolicyIdentity,
    solver: TeamSolver | null,
  ): Promise<DispatchLeader> => ({
    lead: { kind: 'dispatch', config, policy: await policyOf(source, config), seats, classifier },
    ...{ policy, source, solver, remarks: remarksOn(trained, config, seats) },
  })
  if (bundle !== null) {
    const { algorithm, sha256 } = bundle.description
    const { name, version } = algorithm
    return led({ kind: 'bundle', folder: folder! }, { name, sha256, version, encoder: null }, null)
  }
  const identity: PolicyIdentity = { name: use!, sha256: null, version: null, encoder: null }
  if (use !== OPTIMAL) return led({ kind: 'rule', use: use! }, identity, null)
  const solver = new TeamSolver(config, team.dispatch!.discount, before)
  const present = seats.map((seat) => seat !== null)
  onSolving?.(statesOf(config, present))
  const solution = await solver.solve(present)
  return led({ kind: 'optimum', solution }, identity, solver)
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
