import { nearestName, unknownNameMessage } from '#env/errors.js'
import { isLoopback } from './loopback.js'
import { ownEndpoints } from './own-address.js'
import { replicasOf } from './replicas.js'
import type { TeamProblem } from './team-problem.js'
import type { Team } from './team-schema.js'

/** Everything that is wrong between the parts of a team; empty for one that can be served. */
export function teamProblems(team: Team): TeamProblem[] {
  return [...twice(team), ...times(team), ...rule(team), ...itself(team), ...serviceProblems(team)]
}

/** Everything that is wrong with how a team can be reached, whoever answers in it. */
export function serviceProblems(team: Pick<Team, 'listen' | 'keys' | 'limits'>): TeamProblem[] {
  const keys = repeated(
    team.keys.map(({ name }) => name),
    'key',
    (i) => ['keys', i, 'name'],
  )
  return [...keys, ...sizes(team), ...exposure(team)]
}

/**
 * What doesn't fit between a team and the policy that shall lead it.
 * @param actions - the policy's actions that call an agent
 */
export function policyProblems(team: Team, actions: readonly string[]): TeamProblem[] {
  const names = team.agents.map(({ name }) => name)
  const strangers = team.agents.flatMap(({ name }, i) =>
    actions.includes(name)
      ? []
      : [{ path: ['agents', i, 'name'], message: unknownNameMessage('action of the policy', name, actions) }],
  )
  const absent = actions.filter((action) => !names.includes(action))
  if (strangers.length > 0 || absent.length === 0) return strangers
  const message = `the policy chooses between ${actions.join(', ')}; no agent is named ${absent.join(', ')}`
  return [{ path: ['agents'], message }]
}

/** What may be worth a warning: plain http to another machine. */
export function unencryptedAgents(team: Team): string[] {
  return team.agents
    .filter((agent) => replicasOf(agent).some((url) => url.startsWith('http:') && !isLoopback(new URL(url).hostname)))
    .map(({ name }) => name)
}

function twice(team: Team): TeamProblem[] {
  const agents = team.agents.map(({ name }) => name)
  const named = agents.indexOf(team.model)
  return [
    ...repeated(agents, 'agent', (i) => ['agents', i, 'name']),
    ...repeated(team.forwardHeaders, 'header', (i) => ['forwardHeaders', i]),
    ...(named < 0
      ? []
      : [
          {
            path: ['agents', named, 'name'],
            message: `"${team.model}" is the name of the team's model; rename one of them`,
          },
        ]),
  ]
}

function repeated(list: readonly string[], key: string, path: (i: number) => TeamProblem['path']): TeamProblem[] {
  return list.flatMap((one, i) =>
    list.indexOf(one) === i
      ? []
      : [{ path: path(i), message: `${key} ${JSON.stringify(one)} stands twice; rename or remove one` }],
  )
}

function times(team: Team): TeamProblem[] {
  return team.agents.flatMap(({ timeoutMs }, i) =>
    timeoutMs < team.deadlineMs
      ? []
      : [
          {
            path: ['agents', i, 'timeoutMs'],
            message: `expected less than deadlineMs (${team.deadlineMs}), so that another agent can still be asked, got ${timeoutMs}`,
          },
        ],
  )
}

function sizes({ limits: { bodyBytes, bodiesBytes } }: Pick<Team, 'limits'>): TeamProblem[] {
  if (bodiesBytes >= bodyBytes) return []
  const message = `expected at least limits.bodyBytes (${bodyBytes}), so that one such request can be read, got ${bodiesBytes}`
  return [{ path: ['limits', 'bodiesBytes'], message }]
}

const rules = ['round-robin', 'random', 'always']

function rule({ policy, agents, dispatch }: Team): TeamProblem[] {
  if (typeof policy === 'string') return []
  // Those of a dispatcher are looked up by whoever knows them.
  if (dispatch !== undefined) return []
  if (!rules.includes(policy.use)) {
    const known = rules.map((name) => JSON.stringify(name)).join(', ')
    const near = nearestName(policy.use, rules)
    const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
    return [{ path: ['policy', 'use'], message: `expected one of ${known}, got ${JSON.stringify(policy.use)}${hint}` }]
  }
  const names = agents.map(({ name }) => name)
  if (policy.use !== 'always') {
    return policy.agent === undefined
      ? []
      : [{ path: ['policy', 'agent'], message: `${policy.use} takes no agent; leave it out` }]
  }
  if (policy.agent === undefined) {
    return [{ path: ['policy'], message: `always needs an agent: one of ${names.join(', ')}` }]
  }
  return names.includes(policy.agent)
    ? []
    : [{ path: ['policy', 'agent'], message: unknownNameMessage('agent', policy.agent, names) }]
}

function itself({ agents, listen }: Team): TeamProblem[] {
  return agents.flatMap(({ endpoint }, i) => ownEndpoints({ endpoint }, listen, ['agents', i]))
}

function exposure({ listen, keys }: Pick<Team, 'listen' | 'keys'>): TeamProblem[] {
  if (isLoopback(listen.host) || keys.length > 0) return []
  return [
    {
      path: ['listen', 'host'],
      message: `"${listen.host}" can be reached from other machines; name who may call: keys: [{ name, sha256 }], or listen on 127.0.0.1`,
    },
  ]
}
