import { dirname, resolve } from 'node:path'
import type { AgentClient } from '#agents/client/agent-client.js'
import { machineClock } from '#agents/client/clock.js'
import type { Agent } from '#agents/contract/agent.js'
import { ownEndpoints } from '#agents/team/own-address.js'
import { answeringTeamSchema } from '#agents/team/pipeline-schema.js'
import { serviceProblems } from '#agents/team/team-problems.js'
import type { Team } from '#agents/team/team-schema.js'
import { ConfigError, type ConfigProblem, unknownNameMessage } from '#env/errors.js'
import type { ConfigDocument } from '../config/config-document.js'
import { isMapping } from '../config/entry-reader.js'
import { checkWithSchema } from '../config/parse-with-schema.js'
import { readDocument } from '../config/read-document.js'
import { applyOptions } from '../serve/load-team.js'
import { makeAgent, type Note } from './make-agent.js'
import { servedTeam } from './served-team.js'

/** One agent of a team, ready to be served alone. */
export interface LoadedAgent {
  readonly agent: Agent
  /** The team as the gateway knows it: the agent is its model. */
  readonly team: Team
  /** Of its endpoints, by name. */
  readonly clients: ReadonlyMap<string, AgentClient>
  readonly document: ConfigDocument
}

export interface LoadAgentOptions {
  /** Default: loopback, whatever the file says of the team. */
  readonly host?: string
  /** Default: any free one. */
  readonly port?: number
  /** Environment variables. */
  readonly env: { readonly [name: string]: string | undefined }
}

/**
 * Reads a team that answers questions and makes one agent of it: the files of the others needn't be there.
 * @param name - its place, such as `write/desk`, or what stands after the slash where nobody else is named so
 * @throws ConfigError with every problem found, each with file, line and column
 */
export function loadAgent(file: string, name: string, options: LoadAgentOptions): LoadedAgent {
  const { host = '127.0.0.1', port = 0, env } = options
  const document = readDocument(file)
  if (isMapping(document.data) && document.data.pipeline === undefined) {
    const message =
      'the agents of this team are endpoints already; one that is served alone stands in a team with `pipeline`'
    throw new ConfigError([document.problem([], message)])
  }
  applyOptions(document, { host, port })
  const checked = checkWithSchema(answeringTeamSchema, document, [], document.data)
  if ('problems' in checked) throw new ConfigError(checked.problems)
  const { agents } = checked.value.pipeline
  const place = placeOf(name, Object.keys(agents))
  if (place === null) {
    throw new ConfigError([
      document.problem(['pipeline', 'agents'], unknownNameMessage('agent', name, Object.keys(agents))),
    ])
  }
  const problems: ConfigProblem[] = [
    ...serviceProblems(checked.value),
    ...ownEndpoints(agents[place], checked.value.listen, ['pipeline', 'agents', place]),
  ].map(({ path, message }) => document.problem(path, message))
  const note: Note = (path, message) => void problems.push(document.problem(path, message))
  const at = ['pipeline', 'agents', place]
  const given = agents[place]!
  if (given.use === 'remote' || given.use === 'service') {
    note([...at, 'use'], `${place} is a service already; name the file in which it is a program`)
  }
  const clients = new Map<string, AgentClient>()
  const agent = makeAgent(place, given, at, {
    clock: machineClock,
    ...{ baseDir: dirname(resolve(file)), env, document, problems, note },
    log: { write: () => false },
    clients,
    // Served alone nobody knows who reads the questions.
    vocabularies: [],
    mentions: [],
  })
  if (agent === null || problems.length > 0) throw new ConfigError(problems)
  return { agent, team: { ...servedTeam(checked.value), model: place }, clients, document }
}

/** @returns null where nobody, or more than one, is named so */
function placeOf(name: string, places: readonly string[]): string | null {
  if (places.includes(name)) return name
  const named = places.filter((place) => place.endsWith(`/${name}`))
  return named.length === 1 ? named[0]! : null
}
