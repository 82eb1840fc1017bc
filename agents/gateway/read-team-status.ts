import type { AgentClient } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import type { Stage } from '../pipeline/pipeline-walk.js'
import type { Team } from '../team/team-schema.js'
import type { Ledger } from './ledger.js'
import { membersHealth } from './members-health.js'
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
  /** Of the endpoints of its agents. */
  readonly within: readonly AgentClient[]
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
  within,
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
        ? membersHealth(stages, within).map((health) => ({ ...health, ...noQueue, ...ledger.tallyOf(health.name) }))
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

function reasonOf(client: AgentClient, fault: AgentStatus['lastFault']): string | null {
  const { closedBy } = client
  if (closedBy === 'down') return client.down
  if (closedBy === null || fault === null) return closedBy
  return `${closedBy}: ${fault.detail ?? fault.outcome}`
}
