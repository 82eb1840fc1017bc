import type { Policy } from '#env/policy.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { NONE } from '#env/routing-dispatch/dispatch-state.js'
import type { Answer } from '../client/answer.js'
import type { Clock } from '../client/clock.js'
import type { GatewayLogger } from '../gateway/gateway-logger.js'
import type { Ledger } from '../gateway/ledger.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import type { RelayedQuestion } from '../gateway/relay.js'
import type { DispatchStatus, QueueStatus } from '../gateway/team-status.js'
import type { LogWriter } from '../log/decision-log.js'
import { type DecideAt, DispatchCore, type DispatchListener } from './dispatch-core.js'
import { DispatchRecorder } from './dispatch-recorder.js'
import { EventTime } from './event-time.js'
import { LateTicks } from './late-ticks.js'
import { QueueService } from './queue-service.js'
import { type Seat, SeatTable } from './seat-table.js'
import { TickTimer } from './tick-timer.js'
import type { Dispatched, Query } from './ticket.js'
import { Tickets } from './tickets.js'
import { UtilityBook } from './utility-book.js'

export interface DispatcherParts<Q = RelayedQuestion, A = Answer> {
  readonly team: string
  /** Settings of the team as an environment: the seats are its agents. */
  readonly config: RoutingDispatchConfig
  /** [N], by seat; null where nobody sits. */
  readonly seats: readonly (Seat<Q, A> | null)[]
  readonly policy: Policy
  readonly identity: PolicyIdentity
  readonly seed: number
  readonly epsilon: number
  /** When decisions are made. */
  readonly decide: DecideAt
  /** gamma a tick */
  readonly discount: number
  readonly log: LogWriter
  readonly ledger: Pick<Ledger, 'decided'>
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
 *
 * With decisions at events each of these counts when it happens. Boundaries come all the same: at them it is looked how everybody is.
 *
 * Q and A are what those on its seats are asked and answer: by default chat completions of endpoints.
 */
export class Dispatcher<Q = RelayedQuestion, A = Answer> {
  readonly core: DispatchCore
  readonly book: UtilityBook
  readonly seats: SeatTable<Q, A>
  /** Names of the query types, by their numbers. */
  readonly types: readonly string[]
  /** Mean utility a tick that the model predicts, or why it predicts nothing. */
  prediction: Prediction = { perTick: null, why: 'not worked out yet' }
  /** idle, solving, or failed: and why; null where another policy than the optimum leads. */
  solving: string | null = null
  readonly #parts: DispatcherParts<Q, A>
  readonly #recorder: DispatchRecorder
  readonly #tickets: Tickets<Q, A>
  readonly #service: QueueService<Q, A>
  /** What holds from the next decision on. */
  #adopting: Adopted | null = null
  readonly #late: LateTicks
  readonly #timer: TickTimer
  /** Null where decisions are made at ticks. */
  readonly #events: EventTime | null
  /** What is wrong with the policy that leads now; null where nothing is. */
  #policyFault: DispatchStatus['policyFault'] = null
  #identity: PolicyIdentity
  /** Settings that hold now. */
  #config: RoutingDispatchConfig
  /** f64 [T], queries that have come. */
  readonly #arrived: Float64Array

  constructor(parts: DispatcherParts<Q, A>) {
    this.#parts = parts
    const { config, policy, seed, epsilon, clock, log } = parts
    this.#identity = parts.identity
    this.#config = config
    const { types, agents } = resolveInstance(config)
    const names = agents.map(agentName)
    this.types = types.map(({ name }) => name)
    this.#arrived = new Float64Array(types.length)
    this.#recorder = new DispatchRecorder(parts, names, this.types)
    this.seats = new SeatTable(names, parts.seats, parts.absentAfterMs, this.#recorder)
    this.core = new DispatchCore(config, policy, {
      seed: `dispatch-${seed}`,
      ...{ epsilon, decide: parts.decide, listener: this.#listener() },
    })
    this.book = new UtilityBook(this.core.rules, skillsOf(config), parts.discount)
    const happened = () => this.happened()
    this.#tickets = new Tickets(this.core, this.book, config.tickMs, happened)
    const { state } = this.core
    const { seats } = this
    this.#service = new QueueService({ state, seats, tickets: this.#tickets, book: this.book, clock, happened })
    this.#late = new LateTicks(log, clock)
    this.#timer = new TickTimer(clock, config.tickMs, {
      boundary: () => this.#boundary(),
      late: (ms) => this.#late.late(ms),
    })
    this.#events = parts.decide === 'ticks' ? null : this.#eventTime()
  }

  /** What leads the team now. */
  get identity(): PolicyIdentity {
    return this.#identity
  }

  /** Begins to tick. */
  start(): void {
    this.#recorder.started(this.seats.seated.map((seat) => seat !== null))
    this.#timer.start()
  }

  /** Ticks no more. What is still waiting must have been given up before. */
  stop(): void {
    this.#timer.stop()
    if (this.#events !== null) {
      this.#events.stop()
      this.book.stop()
    }
    this.#late.tell(true)
    this.#recorder.stopped(this.core, this.#late.count, this.book.utility)
  }

  /**
   * Hands a query to the team.
   * @returns who answers, with the whole answer or its first token
   * @throws UnansweredError when nobody does
   */
  submit(query: Query<Q>): Promise<Dispatched<A>> {
    return this.#tickets.open(query)
  }

  /**
   * Other numbers and another policy hold from the next decision: of the same agents, queues and types.
   * @param discount - gamma a tick; default: as before
   * @throws StateError where they are another team's
   */
  adopt(
    config: RoutingDispatchConfig,
    policy: Policy,
    identity: PolicyIdentity,
    discount: number = this.book.discount,
  ): void {
    this.core.adopt(config)
    this.#adopting = { config, policy, identity, discount }
    this.happened()
  }

  /** Something has happened outside, such as that an agent is up again: with decisions at events it is looked at now. */
  happened(): void {
    this.#events?.happened()
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
      decide: this.#parts.decide,
      lateTicks: this.#late.count,
      inbox: Array.from({ length: state.waiting }, (_, k) => ({
        type: this.types[state.type[k]!]!,
        remaining: state.left[k]!,
        waitedTicks: state.timed
          ? this.core.rules.patience - state.left[k]!
          : ticks - (this.#tickets.of(state.ticket[k]!)?.arrivedTick ?? ticks),
      })),
      inboxPlaces: this.core.rules.places,
      lost: this.#tickets.lost,
      refused: this.#tickets.refused,
      arrivals: this.#arrivals(),
      utility: {
        ...this.book.utility,
        predictedPerTick: this.prediction.perTick,
        whyNotPredicted: this.prediction.why,
      },
      seats: seats.names.map((seat, i) => ({ seat, agent: seats.seated[i]?.occupant.name ?? null })),
      solving: this.solving,
      policyFault: this.#policyFault,
    }
  }

  /** Queries a tick, by type. */
  #arrivals(): DispatchStatus['arrivals'] {
    const ticks = Math.max(1, this.core.ticks)
    const { types } = resolveInstance(this.#config)
    const recorded = this.#config.arrivals.kind === 'trace'
    return types.map(({ name, arrival }, t) => ({
      type: name,
      observed: this.#arrived[t]! / ticks,
      assumed: recorded ? null : arrival,
    }))
  }

  #boundary(): void {
    const { core } = this
    if (this.#events !== null) {
      this.#events.happened()
      this.#late.tell()
      return
    }
    this.#look()
    core.boundary()
    this.#recorder.boundary(core)
    this.#late.tell()
    this.#hearPolicy()
    this.#serve()
  }

  #eventTime(): EventTime {
    const { core, seats } = this
    const { clock } = this.#parts
    return new EventTime({
      ...{ core, clock },
      before: () => this.#look(),
      after: () => {
        this.#recorder.boundary(core)
        this.#hearPolicy()
        this.#serve()
      },
      due: () => Math.min(seats.nextOpening(clock.elapsedMs()), this.#service.nextTry()),
    })
  }

  /** Tells the core how the agents are. */
  #look(): void {
    const { core, seats } = this
    const { down } = core.state
    seats.look(this.#parts.clock.elapsedMs())
    for (let i = 0; i < down.length; i++) {
      if (seats.isUp(i) && down[i] === 1) core.up(i)
      if (!seats.isUp(i) && down[i] === 0) core.down(i, this.#tickets.begunAt(i))
    }
  }

  #serve(): void {
    const { queue } = this.core.state
    for (let i = 0; i < queue.length; i++) {
      this.#service.serve(i)
      this.seats.vacate(i, queue[i]!)
    }
  }

  /** What the core does is written down, and moves the tickets on. */
  #listener(): DispatchListener {
    const recorder = this.#recorder
    return {
      quality: (_, agent, type) => this.book.skillOf(agent, type),
      completed: (agent, place) => recorder.completed(agent, place),
      wentDown: (agent, begun) => recorder.wentDown(agent, begun),
      cameUp: (agent) => recorder.cameUp(agent),
      returned: (number) => {
        const ticket = this.#tickets.of(number)
        if (ticket === undefined) return
        recorder.returned(ticket.query.id)
        this.#tickets.returned(ticket)
      },
      withdrew: (place, number) => {
        recorder.withdrew(place)
        this.#tickets.withdrew(number)
      },
      arrived: (number, type, accepted) => {
        const ticket = this.#tickets.of(number)!
        this.#arrived[type]!++
        recorder.arrived(type, ticket.query.id)
        this.#tickets.arrived(ticket, accepted)
      },
      decided: (number, claims, winner) => {
        const ticket = this.#tickets.of(number)!
        const reason = recorder.decided(this.core, ticket.query, claims, winner)
        if (winner === NONE) return
        this.seats.claims[winner]!++
        this.#tickets.claimed(ticket, winner, reason, this.#identity)
      },
      lost: (number) => {
        const ticket = this.#tickets.of(number)
        if (ticket === undefined) return
        recorder.lost(ticket.query.id)
        this.#tickets.expired(ticket)
      },
      adopted: () => this.#adopted(),
      stepped: (_, ticks, from, to) => this.book.stepped(this.core.state.quantities, ticks, from, to),
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
    const { config, policy, identity, discount } = this.#adopting!
    this.#adopting = null
    this.book.adopt(this.core.rules, skillsOf(config), discount, this.core.time)
    this.#identity = identity
    this.#config = config
    this.#recorder.adopted(this.core, config, identity, discount)
    this.lead(policy)
  }
}

/** Mean utility a tick in the long run, or why it isn't known. */
export type Prediction =
  | { readonly perTick: number; readonly why: null }
  | { readonly perTick: null; readonly why: string }

/** Settings that a running team takes over, and the policy that comes with them. */
interface Adopted {
  readonly config: RoutingDispatchConfig
  readonly policy: Policy
  readonly identity: PolicyIdentity
  /** gamma a tick */
  readonly discount: number
}

/** f64 [N, T], how good each agent is at each type. */
function skillsOf(config: RoutingDispatchConfig): Float64Array {
  return Float64Array.from(resolveInstance(config).agents.flatMap((agent) => agent.skill))
}
