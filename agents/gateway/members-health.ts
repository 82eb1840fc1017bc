import type { AgentClient } from '../client/agent-client.js'
import type { Stage } from '../pipeline/pipeline-walk.js'

/** Whether an agent can be called, as far as that is known before it is. */
export interface AgentHealth {
  readonly name: string
  readonly breaker: AgentClient['breaker']
  readonly up: boolean
}

/** An agent of a pipeline, and why it isn't called now; null where it may be. */
export interface MemberHealth extends AgentHealth {
  readonly reason: string | null
}

/**
 * How the agents of a pipeline are: programs are always up, others as their endpoints are.
 * @param clients - of all endpoints, by the names of their agents and what those add to them
 */
export function membersHealth(stages: readonly Stage[], clients: readonly AgentClient[]): MemberHealth[] {
  return stages.flatMap(({ members }) =>
    members.map((member): MemberHealth => {
      const { name } = member.agent.card
      const up = member.isUp()
      const own = clients.filter((client) => isOf(client.name, name))
      const closed = own.find(({ closedForMs }) => closedForMs > 0)
      const breaker = closed?.breaker ?? own.find((client) => client.breaker !== 'closed')?.breaker ?? 'closed'
      return { name, up, breaker, reason: up ? null : reasonOf(closed, name) }
    }),
  )
}

/** Why every question goes to a person; null where agents of all stages can be called. */
export function whyAllHandedOver(stages: readonly Stage[]): string | null {
  const without = stages.find(({ members }) => members.every((member) => !member.isUp()))
  return without === undefined
    ? null
    : `nobody can be called at stage ${without.name}: every question goes to a person or is asked back`
}

/** An agent may have several endpoints, and lead others that have some. */
function isOf(client: string, agent: string): boolean {
  return client === agent || client.startsWith(`${agent} `) || client.startsWith(`${agent}/`)
}

function reasonOf(client: AgentClient | undefined, agent: string): string {
  if (client === undefined) return 'it is down or left alone'
  const why = client.down ?? client.closedBy ?? 'it is left alone'
  return client.name === agent ? why : `${client.name}: ${why}`
}
