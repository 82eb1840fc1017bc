import type { AgentClient } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import type { Stage } from '../pipeline/pipeline-walk.js'
import type { Team } from '../team/team-schema.js'
import type { Ledger } from './ledger.js'
import type { PolicyIdentity } from './record-decision.js'
import type { AgentStatus, DispatchView, QueueStatus, TeamStatus } from './team-status.js'

export interface TeamStatusParts {
  readonly team: Team
  readonly policy: PolicyIdentity
  readonly clients: readonly AgentClient[]
  /** Whether an agent hasn't left. */
  isHere(client: AgentClient): boolean
  readonly ledger: Ledger
  readonly clock: Clock
  /** ms since the epoch */
  readonly startedAt: number
  /** Null where a router chooses. */
  readonly dispatch: DispatchView | null
  /** Stages of a pipeline; null where there is none. */
  readonly stages: readonly Stage[] | null
}

const noQueue: QueueStatus = { queue: null, capacity: null, inService: null, claims: null }

/** How the team is now. */
export function readTeamStatus({
  team,
  policy,
  clients,
  isHere,
  ledger,
  clock,
  startedAt,
  dispatch,
  stages,
}: TeamStatusParts): TeamStatus {
  const queues = dispatch?.queues()
  const { name, sha256, version } = policy
  return {
    team: team.name,
    mode: stages !== null ? 'pipeline' : dispatch === null ? 'router' : 'dispatch',
    policy: { name, sha256, version },
    startedAt: new Date(startedAt).toISOString(),
    uptimeMs: Math.round(clock.now() - startedAt),
    agents:
      stages !== null
        ? stages.flatMap(({ members }) => members.map((member) => memberStatus(member, ledger)))
        : clients.flatMap((client, i) => {
            if (!isHere(client)) return []
            const { answered, failed, lastFault } = ledger.tallyOf(client.name)
            return {
              name: client.name,
              up: client.down === null,
              reason: reasonOf(client, lastFault),
              breaker: client.breaker,
              ...(queues?.[i] ?? noQueue),
              ...{ answered, failed, lastFault },
            }
          }),
    dispatch: dispatch?.status() ?? null,
    recent: ledger.recent,
  }
}

/** An agent of a pipeline. */
function memberStatus({ agent, isUp }: Stage['members'][0], ledger: Ledger): AgentStatus {
  const { name } = agent.card
  const up = isUp()
  const reason = up ? null : 'it is down or left alone'
  return { name, up, reason, breaker: up ? 'closed' : 'open', ...noQueue, ...ledger.tallyOf(name) }
}

function reasonOf(client: AgentClient, fault: AgentStatus['lastFault']): string | null {
  const { closedBy } = client
  if (closedBy === 'down') return client.down
  if (closedBy === null || fault === null) return closedBy
  return `${closedBy}: ${fault.detail ?? fault.outcome}`
}
