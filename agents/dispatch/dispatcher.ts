import type { Policy } from '#env/policy.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { NONE } from '#env/routing-dispatch/dispatch-state.js'
import type { Clock } from '../client/clock.js'
import type { GatewayLogger } from '../gateway/gateway-logger.js'
import type { Ledger } from '../gateway/ledger.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import type { DispatchStatus, QueueStatus } from '../gateway/team-status.js'
import type { DecisionLog } from '../log/decision-log.js'
import { DispatchCore, type DispatchListener } from './dispatch-core.js'
import { DispatchRecorder } from './dispatch-recorder.js'
import { LateTicks } from './late-ticks.js'
import { QueueService } from './queue-service.js'
import { type Seat, SeatTable } from './seat-table.js'
import { TickTimer } from './tick-timer.js'
import type { Dispatched, Query } from './ticket.js'
import { Tickets } from './tickets.js'
import { UtilityBook } from './utility-book.js'

export interface DispatcherParts {
  readonly team: string
  /** Settings of the team as an environment: the seats are its agents. */
  readonly config: RoutingDispatchConfig
  /** [N], by seat; null where nobody sits. */
  readonly seats: readonly (Seat | null)[]
  readonly policy: Policy
  readonly identity: PolicyIdentity
  readonly seed: number
  readonly epsilon: number
  readonly log: DecisionLog
  readonly ledger: Ledger
  readonly logger: GatewayLogger
  readonly clock: Clock
  /** Of this run of the dispatcher. */
  readonly episode: string
  /** After which an agent that is down counts as absent. */
  readonly absentAfterMs: number
}

/**
 * Runs a team of agents with queues: queries wait in an inbox, a policy hands the first of them out at each tick, agents answer those
 * in their queues one after the other. The rules are those of the environment that the policy was trained in.
 *
 * A boundary that is late is late, never skipped. What happens between two boundaries counts at the next one: answers that are over, agents that
 * went down or came up (their breaker, rate limit or health probe says so), queries that arrived or whose clients have gone.
 */
export class Dispatcher {
  readonly core: DispatchCore
  readonly book: UtilityBook
  readonly seats: SeatTable
  /** Names of the query types, by their numbers. */
  readonly types: readonly string[]
  /** Mean utility a tick that the model predicts; null where it has none. */
  predictedPerTick: number | null = null
  /** idle, solving, or failed: and why. */
  solving = 'idle'
  readonly #parts: DispatcherParts
  readonly #recorder: DispatchRecorder
  readonly #tickets: Tickets
  readonly #service: QueueService
  /** What holds from the next decision on. */
  #adopting: { readonly config: RoutingDispatchConfig; readonly policy: Policy } | null = null
  readonly #late: LateTicks
  readonly #timer: TickTimer
  /** What is wrong with the policy that leads now; null where nothing is. */
  #policyFault: DispatchStatus['policyFault'] = null

  constructor(parts: DispatcherParts) {
    this.#parts = parts
    const { config, policy, seed, epsilon, clock, log } = parts
    const { types, agents } = resolveInstance(config)
    const names = agents.map(agentName)
    this.types = types.map(({ name }) => name)
    this.#recorder = new DispatchRecorder(parts, names, this.types)
    this.seats = new SeatTable(names, parts.seats, parts.absentAfterMs, this.#recorder)
    this.core = new DispatchCore(config, policy, { seed: `dispatch-${seed}`, epsilon, listener: this.#listener() })
    this.book = new UtilityBook(this.core.rules, skillsOf(config))
    this.#tickets = new Tickets(this.core, this.book, config.tickMs)
    const { state } = this.core
    this.#service = new QueueService({ state, seats: this.seats, tickets: this.#tickets, book: this.book, clock })
    this.#late = new LateTicks(log, clock)
    this.#timer = new TickTimer(clock, config.tickMs, {
      boundary: () => this.#boundary(),
      late: (ms) => this.#late.late(ms),
    })
  }

  /** Begins to tick. */
  start(): void {
    this.#recorder.started(this.seats.seated.map((seat) => seat !== null))
    this.#timer.start()
  }

  /** Ticks no more. What is still waiting must have been given up before. */
  stop(): void {
    this.#timer.stop()
    this.#late.tell(true)
    this.#recorder.stopped(this.core.ticks, this.#late.count, this.book.utility)
  }

  /**
   * Hands a query to the team.
   * @returns who answers, with the whole answer or its first token
   * @throws ApiError when nobody does
   */
  submit(query: Query): Promise<Dispatched> {
    return this.#tickets.open(query)
  }

  /**
   * Other numbers and another policy hold from the next decision: of the same agents, queues and types.
   * @throws StateError where they are another team's
   */
  adopt(config: RoutingDispatchConfig, policy: Policy): void {
    this.core.adopt(config)
    this.#adopting = { config, policy }
  }

  /** Another policy takes over at the next boundary. */
  lead(policy: Policy): void {
    // Where other settings hold from then on, it takes over from the policy that came with them.
    if (this.#adopting !== null) {
      this.#adopting = { ...this.#adopting, policy }
      return
    }
    this.core.decider.policy = policy
    this.#policyFault = null
  }

  /** [team's agents], what is known of their queues. */
  queues(): QueueStatus[] {
    return this.seats.queues(this.core.state)
  }

  status(): DispatchStatus {
    const { state, ticks } = this.core
    const { seats } = this
    return {
      tick: ticks,
      tickMs: this.#parts.config.tickMs,
      lateTicks: this.#late.count,
      inbox: Array.from({ length: state.waiting }, (_, k) => ({
        type: this.types[state.type[k]!]!,
        remaining: state.left[k]!,
        waitedTicks: ticks - (this.#tickets.of(state.ticket[k]!)?.arrivedTick ?? ticks),
      })),
      inboxPlaces: this.core.rules.places,
      lost: this.#tickets.lost,
      refused: this.#tickets.refused,
      utility: { ...this.book.utility, predictedPerTick: this.predictedPerTick },
      seats: seats.names.map((seat, i) => ({ seat, agent: seats.seated[i]?.client.name ?? null })),
      solving: this.solving,
      policyFault: this.#policyFault,
    }
  }

  #boundary(): void {
    const { core, seats } = this
    const { queue, down } = core.state
    seats.look(this.#parts.clock.elapsedMs())
    for (let i = 0; i < down.length; i++) {
      if (seats.isUp(i) && down[i] === 1) core.up(i)
      if (!seats.isUp(i) && down[i] === 0) core.down(i, this.#tickets.begunAt(i))
    }
    core.boundary()
    this.#recorder.boundary(core.ticks)
    this.#late.tell()
    this.#hearPolicy()
    for (let i = 0; i < queue.length; i++) {
      this.#service.serve(i)
      seats.vacate(i, queue[i]!)
    }
  }

  /** What the core does is written down, and moves the tickets on. */
  #listener(): DispatchListener {
    const recorder = this.#recorder
    return {
      completed: (agent, place) => recorder.completed(agent, place),
      wentDown: (agent, begun) => recorder.wentDown(agent, begun),
      cameUp: (agent) => recorder.cameUp(agent),
      returned: (number) => {
        const ticket = this.#tickets.of(number)
        if (ticket !== undefined) this.#tickets.returned(ticket)
      },
      withdrew: (place, number) => {
        recorder.withdrew(place)
        this.#tickets.withdrew(number)
      },
      arrived: (number, type, accepted) => {
        const ticket = this.#tickets.of(number)!
        recorder.arrived(type, ticket.query.id)
        this.#tickets.arrived(ticket, accepted)
      },
      decided: (number, claims, winner) => {
        const ticket = this.#tickets.of(number)!
        const reason = recorder.decided(this.core, ticket.query, claims, winner)
        if (winner === NONE) return
        this.seats.claims[winner]!++
        this.#tickets.claimed(ticket, winner, reason)
      },
      lost: (number) => {
        const ticket = this.#tickets.of(number)
        if (ticket === undefined) return
        recorder.lost(ticket.query.id)
        this.#tickets.expired(ticket)
      },
      adopted: () => this.#adopted(),
      stepped: () => this.book.stepped(this.core.state.quantities, this.core.state.awards === 0),
    }
  }

  /** A policy that can't decide leaves queries where they are: told once, and seen in the status. */
  #hearPolicy(): void {
    const { faults, fault } = this.core.decider
    if (fault === null || this.#policyFault?.count === faults) return
    if (this.#policyFault === null) {
      this.#parts.logger.error({ cause: fault }, 'the policy could not decide: nobody gets queries while that is so')
    }
    this.#policyFault = { count: faults, message: fault }
  }

  #adopted(): void {
    const { config, policy } = this.#adopting!
    this.#adopting = null
    this.book.adopt(this.core.rules, skillsOf(config))
    this.#recorder.adopted(this.core.ticks, config)
    this.lead(policy)
  }
}

/** f64 [N, T], how good each agent is at each type. */
function skillsOf(config: RoutingDispatchConfig): Float64Array {
  return Float64Array.from(resolveInstance(config).agents.flatMap((agent) => agent.skill))
}
