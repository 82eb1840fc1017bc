import { randomInt } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { type Proxies, readProxies } from '#agents/client/upstream-connections.js'
import type { Lead } from '#agents/gateway/lead.js'
import type { PolicyIdentity } from '#agents/gateway/record-decision.js'
import { policyProblems, teamProblems } from '#agents/team/team-problems.js'
import { type Team, teamSchema } from '#agents/team/team-schema.js'
import { ConfigError, type ConfigProblem } from '#env/errors.js'
import { ownValue } from '#env/own-value.js'
import type { ConfigDocument } from '../config/config-document.js'
import { isMapping } from '../config/entry-reader.js'
import { checkWithSchema } from '../config/parse-with-schema.js'
import { readDocument } from '../config/read-document.js'
import { tryAddress } from './address-problem.js'
import type { Clients } from './move-clients.js'
import { type DispatchLeader, readDispatchLeader } from './read-dispatch-leader.js'
import { type Leader, readLeader } from './read-leader.js'
import type { TeamSolver } from './team-solver.js'
import { unwritable } from './unwritable.js'

/** A team that can be served: everything checked and read. */
export interface LoadedTeam {
  /** Its agents in the order of the policy's actions. */
  readonly team: Team
  readonly lead: Lead
  readonly policy: PolicyIdentity
  /** Where a dispatched team's policy comes from, and what solves it anew; null for a router. */
  readonly dispatched: Pick<DispatchLeader, 'source' | 'solver'> | null
  /** Of a team that answers itself: the clients of its agents' endpoints, by name, and what lets its agents go; else null. */
  readonly within: { readonly clients: Clients; close(): Promise<void> } | null
  /** What is well, but may not be meant. */
  readonly remarks: readonly string[]
  /** Of all draws. */
  readonly seed: number
  /** Keys of the agents' endpoints, by agent. */
  readonly apiKeys: { readonly [agent: string]: string }
  /** For the calls to endpoints, as environment variables name them. */
  readonly proxies: Proxies
  /** Absolute path of the decision log. */
  readonly logFile: string
  /** Absolute path of where questions for people wait; absent where the team hands none over. */
  readonly handOverFile?: string
  readonly document: ConfigDocument
}

export interface LoadTeamOptions {
  /** Come before those of the file. */
  readonly host?: string
  readonly port?: number
  /** Environment variables. */
  readonly env: { readonly [name: string]: string | undefined }
  /** Solved the team before its file was read again. */
  readonly solver?: TeamSolver | null
  /** The seed of a team that sets none: an integer from 0. Default: drawn by the machine. */
  readonly entropy?: () => number
  /** Whether the team is to be started: then its decision log and its address are looked at, too, before anything that takes long. */
  readonly starting?: boolean
  /** Hears that the optimum of so many states is about to be solved. */
  onSolving?(numStates: number): void
}

/**
 * Reads and checks team.yaml and the policy bundle that it names. Paths in it are relative to its folder.
 * @throws ConfigError with every problem found, each with file, line and column (or the option of the command line)
 */
export async function loadTeam(file: string, options: LoadTeamOptions): Promise<LoadedTeam> {
  const document = readDocument(file)
  applyOptions(document, options)
  const checked = checkWithSchema(teamSchema, document, [], document.data)
  if ('problems' in checked) throw failure(checked.problems)
  const team = checked.value
  const at = (problem: ReturnType<typeof teamProblems>[number]) => document.problem(problem.path, problem.message)
  const problems = teamProblems(team).map(at)
  const apiKeys = readKeys(team, options.env, document, problems)
  const { proxies, problems: badProxies } = readProxies((variable) => ownValue(options.env, variable))
  problems.push(...badProxies.map(({ message }) => ({ path: '', message })))
  const baseDir = dirname(resolve(file))
  const seed = team.exploration.seed ?? (options.entropy ?? machineEntropy)()
  const logFile = resolve(baseDir, team.log.file)
  if (options.starting === true) {
    const why = unwritable(logFile)
    if (why !== null) problems.push(document.problem(['log', 'file'], why))
    const taken = problems.length > 0 ? null : await tryAddress(team.listen, document)
    if (taken !== null) problems.push(taken)
  }
  const common = { seed, apiKeys, proxies, logFile, document }
  if (team.dispatch !== undefined) {
    const leader = await attempt(
      () => readDispatchLeader(team, { ...options, baseDir, seed, document, sound: problems.length === 0 }),
      document,
      problems,
    )
    if (leader !== undefined && problems.length === 0) {
      const { lead, policy, source, solver, remarks } = leader
      return { team, lead, policy, dispatched: { source, solver }, within: null, remarks, ...common }
    }
    throw failure(problems)
  }
  const leader = await attempt(() => readLeader(team, baseDir, seed), document, problems)
  if (leader?.models !== undefined) problems.push(...policyProblems(team, leader.models).map(at))
  if (leader === undefined || problems.length > 0) throw failure(problems)
  const { ranker, policy } = leader
  return {
    team: { ...team, agents: inOrder(team, leader) },
    lead: { kind: 'router', ranker },
    policy,
    dispatched: null,
    within: null,
    remarks: [],
    ...common,
  }
}

/** Restarts that drew from one seed would repeat its first draws, whatever chances the log names. */
function machineEntropy(): number {
  return randomInt(2 ** 48 - 1)
}

/** Puts what the command line says of listening into the document. */
export function applyOptions(document: ConfigDocument, { host, port }: Pick<LoadTeamOptions, 'host' | 'port'>): void {
  if (!isMapping(document.data)) return
  const listen = document.data.listen ?? {}
  if (!isMapping(listen)) return
  if (host !== undefined || port !== undefined) document.data.listen = listen
  if (host !== undefined) {
    listen.host = host
    document.markGiven(['listen', 'host'], `--host ${host}`)
  }
  if (port !== undefined) {
    listen.port = port
    document.markGiven(['listen', 'port'], `--port ${port}`)
  }
}

/** The keys that the team names by environment variables. */
function readKeys(
  team: Team,
  env: LoadTeamOptions['env'],
  document: ConfigDocument,
  problems: ConfigProblem[],
): Record<string, string> {
  // Names are data: an agent may be called __proto__.
  const keys: Record<string, string> = Object.create(null)
  team.agents.forEach(({ name, apiKey }, i) => {
    if (apiKey === undefined) return
    const key = ownValue(env, apiKey.env)?.trim() ?? ''
    const path = ['agents', i, 'apiKey', 'env']
    if (key === '') {
      problems.push(
        document.problem(path, `the environment variable ${apiKey.env} is not set; export it before you serve`),
      )
    } else if (!/^[!-~]+$/.test(key)) {
      problems.push(
        document.problem(path, `${apiKey.env} holds a blank or a character that no header may hold; set it again`),
      )
    } else {
      keys[name] = key
    }
  })
  return keys
}

/** What leads the team, or undefined with the reason noted. */
async function attempt<T>(
  read: () => Promise<T>,
  document: ConfigDocument,
  problems: ConfigProblem[],
): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ConfigError) problems.push(...error.problems)
    else problems.push(document.problem(['policy'], (error as Error).message))
    return undefined
  }
}

function inOrder(team: Team, { models }: Leader): Team['agents'] {
  if (models === undefined) return team.agents
  return models.map((model) => team.agents.find(({ name }) => name === model)!)
}

/** All problems in the order of the file; those of the command line first. */
function failure(problems: readonly ConfigProblem[]): ConfigError {
  const place = ({ line = 0, column = 0 }: ConfigProblem) => line * 1e6 + column
  return new ConfigError([...problems].sort((a, b) => place(a) - place(b)))
}
