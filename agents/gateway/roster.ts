import { ownValue } from '#env/own-value.js'
import { AgentClient } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import type { Proxies } from '../client/upstream-connections.js'
import { EndpointOccupant } from '../dispatch/endpoint-occupant.js'
import { SeatDesk } from '../dispatch/seat-desk.js'
import type { SeatTable } from '../dispatch/seat-table.js'
import { replicasOf } from '../team/replicas.js'
import type { Team, TeamAgent } from '../team/team-schema.js'
import type { GatewayLogger } from './gateway-logger.js'
import type { WorkList } from './work.js'

interface RosterParts {
  readonly team: Team
  /** Whether a dispatcher tries again itself: an agent that fails is down meanwhile. */
  readonly dispatched: boolean
  /** Keys of the agents' endpoints, by agent. */
  readonly apiKeys: { readonly [agent: string]: string }
  readonly proxies: Proxies
  readonly logger: GatewayLogger
  readonly clock: Clock
  /** Hears who is up or down, and why. */
  readonly health: (agent: string, up: boolean, reason: string) => void
}

/** The agents of a team whose endpoints are asked: who there is, who has left, and where each is reached. */
export class Roster {
  /** Of all agents there have been: those who left keep their numbers, since their last answers may be on their way. */
  readonly clients: AgentClient[]
  readonly agents: TeamAgent[]
  /** Those of agents that haven't left. */
  readonly here: Set<AgentClient>
  /** Agents as the file had them when it was read last. */
  readonly #filed: Map<string, TeamAgent>
  readonly #parts: RosterParts

  constructor(parts: RosterParts) {
    const { team, apiKeys } = parts
    this.#parts = parts
    this.agents = [...team.agents]
    this.clients = team.agents.map((agent) => this.#clientOf(agent, ownValue(apiKeys, agent.name)))
    this.here = new Set(this.clients)
    this.#filed = new Map(team.agents.map((agent) => [agent.name, agent]))
  }

  /** Begins to look after those who are there. */
  watch(): void {
    for (const client of this.clients) this.#watch(client)
  }

  /**
   * Agents whose endpoints differ in the team's file are reached at those from now on; what is in work ends where it began. One whose key
   * the file sends elsewhere stays where it is: it may have joined under the name of another, or its key needs a new start.
   * @param team - as its file is by now
   * @returns names of these agents
   */
  adoptReplicas({ agents }: Team): string[] {
    return agents.flatMap((agent) => {
      const { name, apiKey, endpoint } = agent
      const before = this.#filed.get(name)
      if (before === undefined || before.apiKey?.env !== apiKey?.env) return []
      if (replicasOf(before).join('\n') === replicasOf(agent).join('\n')) return []
      this.#filed.set(name, { ...before, endpoint })
      this.clients.forEach((client, i) => {
        const running = this.agents[i]!
        if (!this.here.has(client) || running.name !== name) return
        if (running.apiKey !== undefined && running.apiKey.env !== apiKey?.env) return
        this.agents[i] = { ...running, endpoint }
        client.setReplicas(replicasOf(agent))
      })
      return name
    })
  }

  /**
   * How agents join and leave a dispatched team.
   * @param joined - hears of each
   */
  seatDesk(seats: SeatTable, works: WorkList, joined: () => void): SeatDesk {
    const { team, apiKeys, logger } = this.#parts
    seats.onLeft = ({ teamIndex }) => {
      const client = this.clients[teamIndex]!
      this.here.delete(client)
      logger.info({ agent: client.name }, `agent "${client.name}" has left the team`)
      void client.close()
    }
    return new SeatDesk({
      ...{ team, seats, works },
      filed: () => [...this.#filed.values()],
      seated: () => seats.seated.map((seat) => (seat === null ? null : this.agents[seat.teamIndex]!)),
      reach: (i, urls) => this.clients[seats.seated[i]!.teamIndex]!.setReplicas(urls),
      seat: (agent, i) => {
        const { concurrency, retries, apiKey } = agent
        const known = team.agents.find((other) => apiKey !== undefined && other.apiKey?.env === apiKey.env)
        const client = this.#clientOf(agent, known === undefined ? undefined : ownValue(apiKeys, known.name))
        const teamIndex = this.clients.push(client) - 1
        this.agents.push(agent)
        this.here.add(client)
        this.#watch(client)
        seats.join(i, { occupant: new EndpointOccupant(client), teamIndex, concurrency, retries })
        joined()
        logger.info({ agent: agent.name, seat: seats.names[i] }, `agent "${agent.name}" has joined the team`)
      },
    })
  }

  /** Why nobody can be asked; null where somebody can. */
  get whyNobody(): string | null {
    return [...this.here].every(({ closedForMs }) => closedForMs > 0) ? 'every agent is down or left alone' : null
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()))
  }

  #clientOf(agent: TeamAgent, apiKey: string | undefined): AgentClient {
    const { team, dispatched, proxies, clock } = this.#parts
    const options = { apiKey, answerBytes: team.limits.answerBytes, proxies, clock }
    return new AgentClient(dispatched ? { ...agent, retries: 0 } : agent, options)
  }

  #watch(client: AgentClient): void {
    client.watch((up, reason) => this.#parts.health(client.name, up, reason))
  }
}
