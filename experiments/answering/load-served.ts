import { noProxies } from '#agents/client/upstream-connections.js'
import { isOwnAddress, ownAddressMessage } from '#agents/team/own-address.js'
import { type TeamProblem, teamProblems } from '#agents/team/team-problems.js'
import { type Team, teamSchema } from '#agents/team/team-schema.js'
import { ConfigError } from '#env/errors.js'
import { isMapping } from '../config/entry-reader.js'
import { readDocument } from '../config/read-document.js'
import { tryAddress } from '../serve/address-problem.js'
import { type LoadedTeam, type LoadTeamOptions, loadTeam } from '../serve/load-team.js'
import { unwritable } from '../serve/unwritable.js'
import { answeringLead } from './answering-lead.js'
import { loadAnsweringTeam } from './load-answering-team.js'

/**
 * Whatever team a file describes, ready to be served: one that routes, one with queues, or one that answers itself.
 * @throws ConfigError with every problem found, located
 */
export async function loadServed(file: string, options: LoadTeamOptions): Promise<LoadedTeam> {
  const { data } = readDocument(file)
  if (!isMapping(data) || data.pipeline === undefined) return loadTeam(file, options)
  const loaded = await loadAnsweringTeam(file, options)
  const { logFile, handOverFile, document } = loaded
  const { pipeline, policy, ...common } = loaded.team
  const { exploration, forwardHeaders } = teamSchema.pick({ exploration: true, forwardHeaders: true }).parse({})
  const team = { ...common, policy, agents: [], exploration, forwardHeaders }
  const problems = [
    // Who may lead it was looked at where it was read.
    ...teamProblems(team).filter(({ path }) => path[0] !== 'policy'),
    ...ownEndpoints(pipeline.agents, team.listen, ['pipeline', 'agents']),
  ]
  const located = problems.map(({ path, message }) => document.problem(path, message))
  if (located.length === 0 && options.starting === true) {
    const why = unwritable(logFile)
    const taken = why === null ? await tryAddress(team.listen, document) : document.problem(['log', 'file'], why)
    if (taken !== null) located.push(taken)
  }
  if (located.length > 0) throw new ConfigError(located)
  return {
    team,
    lead: answeringLead(loaded),
    policy: loaded.policy,
    dispatched: null,
    remarks: [],
    seed: 0,
    apiKeys: {},
    proxies: noProxies,
    ...{ logFile, handOverFile, document },
  }
}

/** Agents, and those that they lead, whose endpoint is the team's own address. */
function ownEndpoints(settings: unknown, listen: Team['listen'], path: TeamProblem['path']): TeamProblem[] {
  if (typeof settings !== 'object' || settings === null) return []
  return Object.entries(settings).flatMap(([key, value]) => {
    const at = [...path, key]
    if (key !== 'endpoint' || typeof value !== 'string') return ownEndpoints(value, listen, at)
    return isOwnAddress(value, listen) ? [{ path: at, message: ownAddressMessage(value) }] : []
  })
}
