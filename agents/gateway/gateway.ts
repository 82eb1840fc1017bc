import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StateError } from '#env/errors.js'
import type { AgentClient } from '../client/agent-client.js'
import { type Clock, machineClock } from '../client/clock.js'
import { noProxies, type Proxies } from '../client/upstream-connections.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { Chooser } from '../control/chooser.js'
import { DispatchDesk } from '../dispatch/dispatch-desk.js'
import { Dispatcher } from '../dispatch/dispatcher.js'
import { EndpointOccupant } from '../dispatch/endpoint-occupant.js'
import { QueryTypes } from '../dispatch/query-types.js'
import type { SeatDesk } from '../dispatch/seat-desk.js'
import { DecisionLog, type LineSink } from '../log/decision-log.js'
import type { DecisionFields } from '../log/log-kinds.js'
import { Metrics } from '../metrics/metrics.js'
import type { AnsweringTeam } from '../pipeline/answering-team.js'
import { PipelineDesk } from '../pipeline/pipeline-desk.js'
import { AgentDesk } from '../service/agent-desk.js'
import { hostAndPort } from '../team/loopback.js'
import type { Team } from '../team/team-schema.js'
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
import type { Lead } from './lead.js'
import { Ledger } from './ledger.js'
import { type AgentHealth, membersHealth, whyAllHandedOver } from './members-health.js'
import { readTeamStatus } from './read-team-status.js'
import type { PolicyIdentity } from './record-decision.js'
import { Replies } from './replies.js'
import { Roster } from './roster.js'
import { WorkList } from './work.js'

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
  /** Id of this gateway, by which it knows requests that have come through it. Default: a random UUID. */
  readonly self?: string
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
  readonly #roster: Roster
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

  /** Of the endpoints of a team that answers itself. */
  readonly #within: readonly AgentClient[]

  constructor(options: GatewayOptions) {
    this.#options = options
    const { lead, policy, seed, apiKeys, logger } = options
    const team = options.team
    const { clock = machineClock, idleMs = machineIdleMs, newId = randomUUID, self = randomUUID() } = options
    const { proxies = noProxies } = options
    const roster = new Roster({
      ...{ team, apiKeys, proxies, logger, clock },
      dispatched: lead.kind === 'dispatch',
      health: (agent, up, reason) => this.#hearHealth(agent, up, reason),
    })
    this.#roster = roster
    this.#within = lead.kind === 'pipeline' || lead.kind === 'agent' ? (lead.clients ?? []) : []
    this.#log = new DecisionLog(options.sink, logger, clock)
    this.#works = new WorkList(team.limits, team.deadlineMs, clock)
    this.metrics = new Metrics()
    const measured = new GatewayMetrics(this.metrics, {
      clients: () => this.#clients,
      log: this.#log,
      inWork: () => this.#works.size,
    })
    const ledger = new Ledger(this.#log, measured, clock)
    const works = this.#works
    const { clients } = roster
    const replies = new Replies({
      ...{ agents: roster.agents, policy, clients, ledger, clock },
      warnings: new AgentWarnings(logger, clock),
      secrets: Object.values(apiKeys),
    })
    let chat: ChatDesk
    let seats: SeatDesk | null = null
    let native: AgentDesk | null = null
    if (lead.kind === 'router') {
      const chooser = new Chooser(lead.ranker, { epsilon: team.exploration.epsilon, seed })
      chat = new Chat({ team, self, policy, chooser, seed, clients, ledger, replies, works, clock })
    } else if (lead.kind === 'pipeline') {
      const decided = (fields: DecisionFields) => ledger.noted(fields)
      const answering = lead.answeringTeam({ log: this.#log, clock, newId, decided })
      chat = new PipelineDesk({ team, self, answering, replies, works, clock })
      this.#answering = answering
    } else if (lead.kind === 'agent') {
      this.#alone = new CheckedAgent(lead.agent, clock)
      native = new AgentDesk({ team, self, agent: this.#alone, replies, works, clock, logger })
      chat = native
    } else {
      const dispatcher = this.#makeDispatcher(lead, ledger, clock, newId())
      const types = typesOf(team, lead, dispatcher)
      const desk = new DispatchDesk({ team, self, dispatcher, types, replies, works, clock })
      chat = desk
      this.#retype = (anew) => {
        desk.types = anew
      }
      this.dispatcher = dispatcher
      addDispatchMetrics(this.metrics, () => clients.map(({ name }) => name), dispatcher)
      seats = roster.seatDesk(dispatcher.seats, works, () => dispatcher.happened())
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
        clients,
        isHere: (client) => roster.here.has(client),
        ledger,
        clock,
        startedAt,
        dispatch: this.dispatcher ?? null,
        stages: this.#answering?.stages ?? null,
        within: this.#within,
      })
    const app = gatewayApp({
      team,
      chat,
      feedback,
      agent: native,
      keys: new KeyRing(team.keys),
      agents: () => this.#healthOfAgents(),
      seats,
      logger,
      createdAt: Math.floor(startedAt / 1000),
      notReady: () => this.#notReady(),
      remark: () => (this.#answering === null ? null : whyAllHandedOver(this.#answering.stages)),
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
    this.#roster.watch()
    for (const client of this.#within) client.watch((up, reason) => this.#hearHealth(client.name, up, reason))
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
    dispatcher.adopt(lead.config, lead.policy, policy, team.dispatch!.discount)
    const { limits } = this.#options.team
    this.#retype!(typesOf({ ...team, limits }, lead, dispatcher))
  }

  /**
   * Agents whose endpoints differ in the team's file are reached at those from now on; what is in work ends where it began.
   * @param team - as its file is by now
   * @returns names of these agents
   */
  adoptReplicas(team: Team): string[] {
    return this.#roster.adoptReplicas(team)
  }

  /** Takes nothing more in, lets what is in work end within `limits.drainMs`, and closes everything. */
  async stop(): Promise<void> {
    this.#doorman.close()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.#works.drain(this.#options.team.limits.drainMs)
    this.#server.closeAllConnections()
    await closed
    await this.#roster.close()
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
        return { occupant: new EndpointOccupant(this.#roster.clients[teamIndex]!), teamIndex, concurrency, retries }
      }),
    })
  }

  #hearHealth(agent: string, up: boolean, reason: string): void {
    this.#log.write('health', { agent, up, reason })
    const { logger } = this.#options
    if (up) logger.info({ agent }, `agent "${agent}" is up again`)
    else logger.warn({ agent, reason }, `agent "${agent}" is down: ${reason}`)
    this.dispatcher?.happened()
  }

  /** Those whose endpoints may fail. */
  get #clients(): readonly AgentClient[] {
    return [...this.#roster.here, ...this.#within]
  }

  #healthOfAgents(): readonly AgentHealth[] {
    if (this.#answering !== null) return membersHealth(this.#answering.stages, this.#within)
    return this.#clients.map(({ name, breaker, down }) => ({ name, breaker, up: down === null }))
  }

  #notReady(): string | null {
    if (this.#works.stopping) return 'stopping'
    if (!this.#log.ok) return 'decisions are not logged'
    if (this.#answering !== null) return null
    if (this.#alone !== null) return this.#alone.isUp() ? null : 'the agent is down or left alone'
    return this.#roster.whyNobody
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
