import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StateError } from '#env/errors.js'
import { ownValue } from '#env/own-value.js'
import type { Policy } from '#env/policy.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { AgentClient } from '../client/agent-client.js'
import { type Clock, machineClock } from '../client/clock.js'
import { noProxies, type Proxies } from '../client/upstream-connections.js'
import type { Agent } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { Chooser } from '../control/chooser.js'
import type { Ranker } from '../control/ranking.js'
import { DispatchDesk } from '../dispatch/dispatch-desk.js'
import { Dispatcher } from '../dispatch/dispatcher.js'
import { QueryTypes } from '../dispatch/query-types.js'
import { SeatDesk } from '../dispatch/seat-desk.js'
import type { SeatTable } from '../dispatch/seat-table.js'
import { DecisionLog, type LineSink } from '../log/decision-log.js'
import type { DecisionFields } from '../log/log-kinds.js'
import { Metrics } from '../metrics/metrics.js'
import type { AnsweringTeam, AnsweringTeamParts } from '../pipeline/answering-team.js'
import { PipelineDesk } from '../pipeline/pipeline-desk.js'
import { AgentDesk } from '../service/agent-desk.js'
import { hostAndPort } from '../team/loopback.js'
import { replicasOf } from '../team/replicas.js'
import type { Team, TeamAgent } from '../team/team-schema.js'
import { AgentWarnings } from './agent-warnings.js'
import { gatewayApp } from './app.js'
import { Backlog, machineIdleMs, type Probe, probeOf } from './backlog.js'
import { Chat, type ChatDesk } from './chat.js'
import { addDispatchMetrics } from './dispatch-metrics.js'
import { Door, overloaded } from './door.js'
import { Doorman } from './doorman.js'
import { FeedbackDesk } from './feedback.js'
import type { GatewayLogger } from './gateway-logger.js'
import { GatewayMetrics } from './gateway-metrics.js'
import { createGatewayServer } from './gateway-server.js'
import { KeyRing } from './key-ring.js'
import { Ledger } from './ledger.js'
import { readTeamStatus } from './read-team-status.js'
import type { PolicyIdentity } from './record-decision.js'
import { Replies } from './replies.js'
import { WorkList } from './work.js'

/**
 * Who decides: a ranker of texts chooses an agent for each request, a dispatcher hands queries out to queues, a control agent leads
 * each question through a pipeline, or nobody: one agent answers alone.
 */
export type Lead =
  | {
      readonly kind: 'router'
      /** Ranks the team's agents by their numbers, in the order of the team. */
      readonly ranker: Ranker
    }
  | {
      readonly kind: 'dispatch'
      /** The team as an environment. */
      readonly config: RoutingDispatchConfig
      readonly policy: Policy
      /** [seats of the environment], the team's agent who has each one; null where nobody has. */
      readonly seats: readonly (number | null)[]
      /** Ranks the query types by their numbers for a text, where a policy tells them. */
      readonly classifier?: Ranker | null
    }
  | {
      readonly kind: 'pipeline'
      /** The team, writing into the gateway's log. */
      answeringTeam(
        parts: Pick<AnsweringTeamParts, 'log' | 'clock' | 'newId'> & Required<Pick<AnsweringTeamParts, 'decided'>>,
      ): AnsweringTeam
    }
  | { readonly kind: 'agent'; readonly agent: Agent }

export interface GatewayOptions {
  readonly team: Team
  readonly lead: Lead
  readonly policy: PolicyIdentity
  /** Of the draws of exploration: what `team.exploration.seed` says, else another at each start. In every line of the log. */
  readonly seed: number
  /** Keys of the agents' endpoints, by agent. */
  readonly apiKeys: { readonly [agent: string]: string }
  /** For the calls to endpoints. Default: none. */
  readonly proxies?: Proxies
  /** Where the decision log goes. The gateway closes it. */
  readonly sink: LineSink
  readonly logger: GatewayLogger
  /** Default: the machine's. */
  readonly clock?: Clock
  /** How long the process has been idle in all. Default: as the machine says. */
  readonly idleMs?: () => number
  /** Ids of requests. Default: random UUIDs. */
  readonly newId?: () => string
}

/** How many connections may wait to be accepted: the system allows fewer where it is set so. */
const acceptQueue = 4096

/** A team of agents behind the OpenAI chat-completions API. Everything it needs is given to it. */
export class Gateway {
  /** For whoever watches; parts may add their own. */
  readonly metrics: Metrics
  /** Where the team is dispatched. */
  readonly dispatcher: Dispatcher | undefined
  readonly #options: GatewayOptions
  /** Of all agents there have been: those who left keep their numbers, since their last answers may be on their way. */
  readonly #clients: AgentClient[]
  readonly #agents: TeamAgent[]
  /** Those of agents that haven't left. */
  readonly #here: Set<AgentClient>
  /** Agents as the file had them when it was read last. */
  readonly #filed: Map<string, TeamAgent>
  readonly #log: DecisionLog
  readonly #works: WorkList
  readonly #server: Server
  readonly #doorman: Doorman
  /** Has other rules tell the types of queries, where the team is dispatched. */
  readonly #retype: ((types: QueryTypes) => void) | undefined
  /** Where a control agent leads questions through a pipeline. */
  readonly #answering: AnsweringTeam | null = null
  /** Where one agent is served. */
  readonly #alone: CheckedAgent | null = null

  constructor(options: GatewayOptions) {
    this.#options = options
    const { lead, policy, seed, apiKeys, logger } = options
    const team = options.team
    const { clock = machineClock, idleMs = machineIdleMs, newId = randomUUID } = options
    this.#agents = [...team.agents]
    this.#clients = team.agents.map((agent) => this.#clientOf(agent, ownValue(apiKeys, agent.name)))
    this.#here = new Set(this.#clients)
    this.#filed = new Map(team.agents.map((agent) => [agent.name, agent]))
    this.#log = new DecisionLog(options.sink, logger, clock)
    this.#works = new WorkList(team.limits, team.deadlineMs, clock)
    this.metrics = new Metrics()
    const measured = new GatewayMetrics(this.metrics, {
      clients: () => [...this.#here],
      log: this.#log,
      inWork: () => this.#works.size,
    })
    const ledger = new Ledger(this.#log, measured, clock)
    const works = this.#works
    const clients = this.#clients
    const replies = new Replies({
      ...{ agents: this.#agents, policy, clients, ledger, clock },
      warnings: new AgentWarnings(logger, clock),
      secrets: Object.values(apiKeys),
    })
    let chat: ChatDesk
    let seats: SeatDesk | null = null
    let native: AgentDesk | null = null
    if (lead.kind === 'router') {
      const chooser = new Chooser(lead.ranker, { epsilon: team.exploration.epsilon, seed })
      chat = new Chat({ team, policy, chooser, seed, clients, ledger, replies, works, clock })
    } else if (lead.kind === 'pipeline') {
      const decided = (fields: DecisionFields) => ledger.noted(fields)
      const answering = lead.answeringTeam({ log: this.#log, clock, newId, decided })
      chat = new PipelineDesk({ team, answering, ledger, replies, works, clock })
      this.#answering = answering
    } else if (lead.kind === 'agent') {
      this.#alone = new CheckedAgent(lead.agent, clock)
      native = new AgentDesk({ team, agent: this.#alone, ledger, replies, works, clock, logger })
      chat = native
    } else {
      const dispatcher = this.#makeDispatcher(lead, ledger, clock, newId())
      const types = typesOf(team, lead, dispatcher)
      const desk = new DispatchDesk({ team, dispatcher, types, replies, works, clock })
      chat = desk
      this.#retype = (anew) => {
        desk.types = anew
      }
      this.dispatcher = dispatcher
      addDispatchMetrics(this.metrics, () => clients.map(({ name }) => name), dispatcher)
      seats = this.#makeSeatDesk(dispatcher.seats)
    }
    const feedback = new FeedbackDesk({
      ...{ works, ledger },
      onFeedback: (request, score) => this.dispatcher?.book.judged(request, score),
    })
    const startedAt = clock.now()
    const status = () =>
      readTeamStatus({
        team,
        policy: this.dispatcher?.identity ?? policy,
        clients: this.#clients,
        isHere: (client) => this.#here.has(client),
        ledger,
        clock,
        startedAt,
        dispatch: this.dispatcher ?? null,
      })
    const app = gatewayApp({
      team,
      chat,
      feedback,
      agent: native,
      keys: new KeyRing(team.keys),
      clients: () => [...this.#here],
      seats,
      logger,
      createdAt: Math.floor(startedAt / 1000),
      notReady: () => this.#notReady(),
      newId,
      metrics: this.metrics,
      status,
      onRefused: (status) => measured.refused(status),
    })
    const probe: Probe = (served) => probeOf(this.#server)(served)
    const backlog = new Backlog(team.limits.queueMs, clock, idleMs, () => door.accepted, probe)
    const door: Door = new Door(this.#works, backlog, team.limits.connections, () => this.#doorman.help())
    this.#server = createGatewayServer({
      limits: team.limits,
      deadlineMs: team.deadlineMs,
      door,
      fetch: (request, env) => app.fetch(request, env),
      clock,
      newId,
      onRefused: (status) => measured.refused(status),
    })
    this.#doorman = new Doorman(this.#server, overloaded, clock, () => backlog.behind)
  }

  /**
   * Starts to listen.
   * @returns where, with the port that was found where 0 was asked for
   * @throws Error of node:net when it can't
   */
  async listen(): Promise<{ readonly url: string; readonly port: number }> {
    const { host, port } = this.#options.team.listen
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host, backlog: acceptQueue }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    const { port: bound } = this.#server.address() as AddressInfo
    for (const client of this.#clients) this.#watch(client)
    this.dispatcher?.start()
    return { url: `http://${hostAndPort(host, bound)}/v1`, port: bound }
  }

  /**
   * A dispatched team goes on by other settings of its environment and another policy, from the next decision on, and by other rules for the
   * types of queries.
   * @param team - as its file is by now; what is no part of `dispatch` is left as it was
   * @throws StateError where it is no dispatched team, or another one
   */
  adopt({ team, lead, policy }: Pick<GatewayOptions, 'team' | 'lead' | 'policy'>): void {
    const { dispatcher } = this
    if (dispatcher === undefined || lead.kind !== 'dispatch') {
      throw new StateError('expected a team with `dispatch`; start anew for a router')
    }
    dispatcher.adopt(lead.config, lead.policy, policy)
    const { limits } = this.#options.team
    this.#retype!(typesOf({ ...team, limits }, lead, dispatcher))
  }

  /**
   * Agents whose endpoints differ in the team's file are reached at those from now on; what is in work ends where it began.
   * @param team - as its file is by now
   * @returns names of these agents
   */
  adoptReplicas({ agents }: Team): string[] {
    const moved = agents.filter((agent) => {
      const before = this.#filed.get(agent.name)
      return before !== undefined && replicasOf(before).join('\n') !== replicasOf(agent).join('\n')
    })
    for (const agent of moved) {
      this.#filed.set(agent.name, agent)
      for (const client of this.#here) if (client.name === agent.name) client.setReplicas(replicasOf(agent))
    }
    return moved.map(({ name }) => name)
  }

  /** Takes nothing more in, lets what is in work end within `limits.drainMs`, and closes everything. */
  async stop(): Promise<void> {
    this.#doorman.close()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#works.drain(this.#options.team.limits.drainMs)
    this.#server.closeAllConnections()
    await closed
    await Promise.all(this.#clients.map((client) => client.close()))
    // What was given up last is booked by now.
    this.dispatcher?.stop()
    await this.#answering?.close()
    await this.#alone?.close()
    this.#log.close()
  }

  #makeDispatcher(lead: Lead & { kind: 'dispatch' }, ledger: Ledger, clock: Clock, episode: string): Dispatcher {
    const { team, policy: identity, seed, logger } = this.#options
    return new Dispatcher({
      team: team.name,
      config: lead.config,
      policy: lead.policy,
      ...{ identity, seed, ledger, clock, episode, logger },
      epsilon: team.exploration.epsilon,
      absentAfterMs: team.dispatch!.absentAfterMs,
      decide: team.dispatch!.decide,
      discount: team.dispatch!.discount,
      log: this.#log,
      seats: lead.seats.map((teamIndex) => {
        if (teamIndex === null) return null
        const { concurrency, retries } = team.agents[teamIndex]!
        return { client: this.#clients[teamIndex]!, teamIndex, concurrency, retries }
      }),
    })
  }

  #clientOf(agent: TeamAgent, apiKey: string | undefined): AgentClient {
    const { team, lead, proxies = noProxies, clock = machineClock } = this.#options
    const options = { apiKey, answerBytes: team.limits.answerBytes, proxies, clock }
    // A dispatcher tries again itself: an agent that fails is down meanwhile.
    return new AgentClient(lead.kind === 'dispatch' ? { ...agent, retries: 0 } : agent, options)
  }

  /** How agents join and leave a dispatched team. */
  #makeSeatDesk(seats: SeatTable): SeatDesk {
    const { team, apiKeys, logger } = this.#options
    seats.onLeft = ({ client }) => {
      this.#here.delete(client)
      logger.info({ agent: client.name }, `agent "${client.name}" has left the team`)
      void client.close()
    }
    return new SeatDesk({
      ...{ team, seats, works: this.#works },
      seated: () => seats.seated.map((seat) => (seat === null ? null : this.#agents[seat.teamIndex]!)),
      seat: (agent, i) => {
        const { concurrency, retries, apiKey } = agent
        const known = team.agents.find((other) => apiKey !== undefined && other.apiKey?.env === apiKey.env)
        const client = this.#clientOf(agent, known === undefined ? undefined : ownValue(apiKeys, known.name))
        const teamIndex = this.#clients.push(client) - 1
        this.#agents.push(agent)
        this.#here.add(client)
        this.#watch(client)
        seats.join(i, { client, teamIndex, concurrency, retries })
        this.dispatcher?.happened()
        logger.info({ agent: agent.name, seat: seats.names[i] }, `agent "${agent.name}" has joined the team`)
      },
    })
  }

  #watch(client: AgentClient): void {
    client.watch((up, reason) => this.#hearHealth(client.name, up, reason))
  }

  #hearHealth(agent: string, up: boolean, reason: string): void {
    this.#log.write('health', { agent, up, reason })
    const { logger } = this.#options
    if (up) logger.info({ agent }, `agent "${agent}" is up again`)
    else logger.warn({ agent, reason }, `agent "${agent}" is down: ${reason}`)
    this.dispatcher?.happened()
  }

  #notReady(): string | null {
    if (this.#works.stopping) return 'stopping'
    if (!this.#log.ok) return 'decisions are not logged'
    if (this.#answering !== null) return null
    if (this.#alone !== null) return this.#alone.isUp() ? null : 'the agent is down or left alone'
    return [...this.#here].every(({ closedForMs }) => closedForMs > 0) ? 'every agent is down or left alone' : null
  }
}

/** What tells the types of a dispatched team's queries. */
function typesOf(
  { dispatch, limits }: Team,
  { classifier }: Lead & { kind: 'dispatch' },
  { types }: Dispatcher,
): QueryTypes {
  return new QueryTypes(dispatch!, types, limits.promptCharacters, classifier ?? null)
}
