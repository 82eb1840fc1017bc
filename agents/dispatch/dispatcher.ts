import { StateError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { NONE } from '#env/routing-dispatch/dispatch-state.js'
import type { AgentClient } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import { ApiError, retryAfter } from '../gateway/api-error.js'
import type { GatewayLogger } from '../gateway/gateway-logger.js'
import type { Ledger } from '../gateway/ledger.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import { givenUp, type Relayed, refusedBy } from '../gateway/relay.js'
import type { DispatchStatus, QueueStatus } from '../gateway/team-status.js'
import type { DecisionLog } from '../log/decision-log.js'
import { DispatchCore } from './dispatch-core.js'
import { DispatchRecorder } from './dispatch-recorder.js'
import { LateTicks } from './late-ticks.js'
import { TickTimer } from './tick-timer.js'
import type { Query, Ticket } from './ticket.js'
import { UtilityBook } from './utility-book.js'

/** A seat of the team that somebody has taken. */
export interface Seat {
  readonly client: AgentClient
  /** Its place among the team's agents. */
  readonly teamIndex: number
  /** Most queries that it is asked at once. */
  readonly concurrency: number
  /** Tries of one query beyond the first. */
  readonly retries: number
}

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

/** Wait before a query is tried again at the same agent, doubled each time. */
const firstPauseMs = 100

/**
 * Runs a team of agents with queues: queries wait in an inbox, a policy hands the first of them out at each tick, agents answer those
 * in their queues one after the other. The rules are those of the environment that the policy was trained in.
 *
 * A boundary that is late is late, never skipped. What happens between two boundaries counts at the next one: answers that are over, agents that
 * went down or came up (their breaker, rate limit or health probe says so), queries that arrived or whose clients have gone.
 * A query whose try failed stays in its agent's queue and is tried again, until the agent's `retries` are used up.
 */
export class Dispatcher {
  readonly core: DispatchCore
  readonly book: UtilityBook
  /** Mean utility a tick that the model predicts; null where it has none. */
  predictedPerTick: number | null = null
  /** idle, solving, or failed: and why. */
  solving = 'idle'
  /** Hears who can be reached, by seat, whenever that changes: who is absent, or has been down for long, can't. */
  onReachable: ((present: readonly boolean[]) => void) | null = null
  /** Hears of each agent that has left, when its queue is over. */
  onLeft: ((seat: Seat) => void) | null = null
  /** [N], names of the seats: those of the environment's agents. */
  readonly seatNames: readonly string[]
  readonly #parts: DispatcherParts
  readonly #seats: (Seat | null)[]
  /** [N], whether each agent is about to leave: it takes nothing new. */
  readonly #leaving: boolean[]
  readonly #types: readonly string[]
  readonly #recorder: DispatchRecorder
  readonly #tickets = new Map<number, Ticket>()
  /** Those whose answers are on their way to their clients, by request. */
  readonly #begun = new Map<string, Ticket>()
  /** [N] */
  readonly #serving: Int32Array
  readonly #claims: Int32Array
  /** What holds from the next decision on. */
  #adopting: { readonly config: RoutingDispatchConfig; readonly policy: Policy } | null = null
  /** f64 [N], since when each agent is down, by the clock's `elapsedMs`; NaN while it is up. */
  readonly #downSince: Float64Array
  readonly #reachable: boolean[]
  #nextTicket = 0
  #lost = 0
  #refused = 0
  readonly #late: LateTicks
  readonly #timer: TickTimer
  /** What is wrong with the policy that leads now; null where nothing is. */
  #policyFault: DispatchStatus['policyFault'] = null

  constructor(parts: DispatcherParts) {
    this.#parts = parts
    const { config, policy, seed, epsilon, seats } = parts
    const { types, agents } = resolveInstance(config)
    this.#types = types.map(({ name }) => name)
    this.#seats = [...seats]
    this.#leaving = seats.map(() => false)
    this.#serving = new Int32Array(agents.length)
    this.#claims = new Int32Array(agents.length)
    this.#downSince = new Float64Array(agents.length).fill(Number.NaN)
    this.#reachable = seats.map((seat) => seat !== null)
    this.seatNames = agents.map(agentName)
    const recorder = new DispatchRecorder(parts, this.seatNames, this.#types)
    this.#late = new LateTicks(parts.log, parts.clock)
    this.#timer = new TickTimer(parts.clock, config.tickMs, {
      boundary: () => this.#boundary(),
      late: (ms) => this.#late.late(ms),
    })
    this.#recorder = recorder
    this.core = new DispatchCore(config, policy, {
      seed: `dispatch-${seed}`,
      epsilon,
      listener: {
        completed: (agent, place) => recorder.completed(agent, place),
        wentDown: (agent, begun) => recorder.wentDown(agent, begun),
        cameUp: (agent) => recorder.cameUp(agent),
        returned: (number) => this.#returned(number),
        withdrew: (place, number) => {
          recorder.withdrew(place)
          this.#tickets.delete(number)
        },
        arrived: (number, type, accepted) => this.#arrived(number, type, accepted),
        decided: (number, claims, winner) => this.#decided(number, claims, winner),
        lost: (number) => this.#loses(number),
        adopted: () => this.#adopted(),
        stepped: () => this.#stepped(),
      },
    })
    this.book = new UtilityBook(this.core.rules, skillsOf(config))
  }

  /** Names of the query types, by their numbers. */
  get types(): readonly string[] {
    return this.#types
  }

  /** Begins to tick. */
  start(): void {
    this.#recorder.started(this.#seats.map((seat) => seat !== null))
    this.#timer.start()
  }

  /** Ticks no more. What is still waiting must have been given up before. */
  stop(): void {
    this.#timer.stop()
    this.#late.tell(true)
    this.#recorder.stopped(this.#ticks, this.#late.count, this.book.utility)
  }

  /**
   * Hands a query to the team.
   * @returns who answers, with the whole answer or its first token; call `ended` when the answer is over
   * @throws ApiError when nobody does
   */
  submit(query: Query): Promise<Relayed> {
    return new Promise((resolve, reject) => {
      const number = this.#nextTicket
      this.#nextTicket = (number + 1) % 2 ** 31
      const ticket: Ticket = {
        number,
        query,
        stage: 'arriving',
        agent: NONE,
        tries: 0,
        notBefore: 0,
        reason: 'policy',
        call: null,
        arrivedTick: this.#ticks,
        resolve,
        reject,
      }
      this.#tickets.set(number, ticket)
      this.core.arrive(query.type, number)
      const { signal } = query.work
      const giveUp = () => this.#giveUp(ticket)
      if (signal.aborted) giveUp()
      else signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  /**
   * An answer is over that began to reach its client.
   * @param id - of its request
   * @param whole - whether it came to its end
   */
  ended(id: string, whole: boolean): void {
    const ticket = this.#begun.get(id)
    this.#begun.delete(id)
    if (!whole) this.book.judged(id, 0)
    if (ticket !== undefined) this.#finish(ticket)
  }

  /** How good the answer to a request was, 0 to 1. */
  judged(request: string, score: number): void {
    this.book.judged(request, score)
  }

  /**
   * Other numbers and another policy hold from the next decision: of the same agents, queues and types.
   * @throws StateError where they are another team's
   */
  adopt(config: RoutingDispatchConfig, policy: Policy): void {
    this.core.adopt(config)
    this.#adopting = { config, policy }
  }

  /** An agent takes a seat that nobody has: it is up from the next boundary on. */
  join(i: number, seat: Seat): void {
    if (this.#seats[i] !== null) throw new StateError(`seat ${this.seatNames[i]} is taken`)
    this.#seats[i] = seat
    this.#recorder.seatChanged(i, seat.client.name, 'joined')
  }

  /** An agent takes nothing new from the next boundary on, and leaves when its queue is over: at once where that is given back. */
  leave(i: number): void {
    const seat = this.#seats[i]
    if (seat === null || seat === undefined || this.#leaving[i]) return
    this.#leaving[i] = true
    this.#recorder.seatChanged(i, seat.client.name, 'leaving')
  }

  /** [N], who has each seat now; null where nobody has. */
  seated(): readonly (Seat | null)[] {
    return this.#seats
  }

  /** [N], who can be reached: who is absent, or has been down for long, can't. */
  get reachable(): readonly boolean[] {
    return [...this.#reachable]
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
    const { queue } = this.core.state
    const { capacity } = this.core.rules
    const known: QueueStatus[] = []
    this.#seats.forEach((seat, i) => {
      if (seat === null) return
      known[seat.teamIndex] = {
        queue: queue[i]!,
        capacity: capacity[i]!,
        inService: this.#serving[i]!,
        claims: this.#claims[i]!,
      }
    })
    return known
  }

  status(): DispatchStatus {
    const { state } = this.core
    const utility = this.book.utility
    return {
      tick: this.#ticks,
      tickMs: this.#parts.config.tickMs,
      lateTicks: this.#late.count,
      inbox: Array.from({ length: state.waiting }, (_, k) => ({
        type: this.#types[state.type[k]!]!,
        remaining: state.left[k]!,
        waitedTicks: this.#ticks - (this.#tickets.get(state.ticket[k]!)?.arrivedTick ?? this.#ticks),
      })),
      inboxPlaces: this.core.rules.places,
      lost: this.#lost,
      refused: this.#refused,
      utility: { ...utility, predictedPerTick: this.predictedPerTick },
      seats: this.seatNames.map((seat, i) => ({ seat, agent: this.#seats[i]?.client.name ?? null })),
      solving: this.solving,
      policyFault: this.#policyFault,
    }
  }

  get #ticks(): number {
    return this.core.state.tick - 1
  }

  #boundary(): void {
    const { state } = this.core
    const now = this.#parts.clock.elapsedMs()
    let changed = false
    this.#seats.forEach((seat, i) => {
      const isHere = seat !== null && !this.#leaving[i]
      const isUp = isHere && isUsable(seat.client)
      if (isUp) this.#downSince[i] = Number.NaN
      else if (Number.isNaN(this.#downSince[i]!)) this.#downSince[i] = now
      const reachable = isHere && !(now - this.#downSince[i]! >= this.#parts.absentAfterMs)
      changed ||= reachable !== this.#reachable[i]
      this.#reachable[i] = reachable
      if (isUp && state.down[i] === 1) this.core.up(i)
      if (!isUp && state.down[i] === 0) this.core.down(i, this.#begunAt(i))
    })
    if (changed) this.onReachable?.([...this.#reachable])
    this.core.boundary()
    this.#recorder.boundary(this.#ticks)
    this.#late.tell()
    this.#hearPolicy()
    for (let i = 0; i < state.queue.length; i++) {
      this.#serve(i)
      if (this.#leaving[i] && state.queue[i] === 0 && this.#serving[i] === 0) this.#vacate(i)
    }
  }

  /** An agent that leaves has nothing more to do. */
  #vacate(i: number): void {
    const seat = this.#seats[i]!
    this.#seats[i] = null
    this.#leaving[i] = false
    this.#claims[i] = 0
    this.#recorder.seatChanged(i, seat!.client.name, 'left')
    this.onLeft?.(seat!)
  }

  /** Tickets of an agent's queue that can't be given to another any more. */
  #begunAt(i: number): number[] {
    const { queue, queued } = this.core.state
    const begun: number[] = []
    for (let place = 0; place < queue[i]!; place++) {
      const ticket = this.#tickets.get(queued!.at(i, place).ticket)
      if (ticket === undefined || ticket.stage === 'begun' || ticket.stage === 'over')
        begun.push(queued!.at(i, place).ticket)
    }
    return begun
  }

  /** Asks an agent what is in its queue, as many at once as it may have. */
  #serve(i: number): void {
    const seat = this.#seats[i]!
    const { queue, queued } = this.core.state
    if (seat === null) return
    for (let place = 0; place < queue[i]! && this.#serving[i]! < seat.concurrency; place++) {
      if (seat.client.closedForMs > 0) return
      const ticket = this.#tickets.get(queued!.at(i, place).ticket)
      if (ticket?.stage !== 'queued') continue
      // Those behind wait with it: an agent answers in order.
      if (ticket.notBefore > this.#parts.clock.elapsedMs()) return
      void this.#ask(ticket, i, seat)
    }
  }

  async #ask(ticket: Ticket, i: number, seat: Seat): Promise<void> {
    const { question, work, attempts } = ticket.query
    const call = new AbortController()
    ticket.stage = 'serving'
    ticket.call = call
    this.#serving[i]!++
    try {
      const answer = await seat.client.ask({
        body: (askUsage) => question.body.text(seat.client.model, askUsage),
        canAskUsage: question.body.canAskUsage,
        headers: question.headers,
        stream: question.stream,
        signal: AbortSignal.any([call.signal, work.signal]),
        othersWait: () => true,
        remainingMs: () => work.remainingMs(),
        onAttempt: (attempt) => attempts.push(attempt),
      })
      if (ticket.call !== call) {
        // Given to another meanwhile.
        this.#serving[i]!--
        if (answer.kind === 'stream') answer.stream.close(true)
        return
      }
      ticket.stage = 'begun'
      ticket.resolve({ agent: seat.teamIndex, reason: ticket.reason, answer })
      if (answer.kind === 'whole') this.#finish(ticket)
      else this.#begun.set(ticket.query.id, ticket)
    } catch (failure) {
      this.#serving[i]!--
      if (ticket.call !== call) return
      ticket.call = null
      this.#failed(ticket, i, seat, failure)
    }
  }

  #failed(ticket: Ticket, i: number, seat: Seat, failure: unknown): void {
    const { work } = ticket.query
    const { clock } = this.#parts
    if (!(failure instanceof AgentFailure)) this.#end(ticket, i, failure)
    else if (work.givenUp !== null) this.#end(ticket, i, givenUp(work))
    else if (failure.outcome === 'bad-request' || failure.outcome === 'unfit') {
      this.#end(ticket, i, refusedBy(seat.client.name, failure))
    } else {
      const wasAsked = failure.outcome !== 'breaker-open' && failure.outcome !== 'down'
      if (wasAsked) ticket.tries++
      if (ticket.tries > seat.retries) {
        this.#end(ticket, i, agentFailed(seat.client.name, failure))
        return
      }
      ticket.stage = 'queued'
      ticket.notBefore = wasAsked ? clock.elapsedMs() + firstPauseMs * 2 ** (ticket.tries - 1) : 0
    }
  }

  /** A query ends without an answer in its agent's queue, which is free of it at the next boundary. */
  #end(ticket: Ticket, agent: number, error: unknown): void {
    this.book.judged(ticket.query.id, 0)
    this.core.complete(agent, ticket.number)
    this.#forget(ticket)
    ticket.reject(error)
  }

  #finish(ticket: Ticket): void {
    this.#serving[ticket.agent]!--
    this.core.complete(ticket.agent, ticket.number)
    this.#forget(ticket)
  }

  #forget(ticket: Ticket): void {
    ticket.stage = 'over'
    ticket.call = null
    this.#tickets.delete(ticket.number)
  }

  /** Nobody waits for a query any more: its client has gone, its deadline passed, or the gateway stops. */
  #giveUp(ticket: Ticket): void {
    if (ticket.stage === 'arriving' || ticket.stage === 'inbox') {
      // One that has yet to arrive is withdrawn when it has.
      if (ticket.stage === 'inbox') this.core.withdraw(ticket.number)
      ticket.stage = 'over'
      ticket.reject(givenUp(ticket.query.work))
    } else if (ticket.stage === 'queued') {
      this.#end(ticket, ticket.agent, givenUp(ticket.query.work))
    }
  }

  #arrived(number: number, type: number, accepted: boolean): void {
    const ticket = this.#tickets.get(number)!
    this.#recorder.arrived(type, ticket.query.id)
    if (accepted && ticket.stage === 'over') {
      // It has a place until the next boundary, and may be claimed at this one.
      this.core.withdraw(number)
      return
    }
    if (accepted) {
      ticket.stage = 'inbox'
      ticket.arrivedTick = this.#ticks
      return
    }
    this.#refused++
    this.#forget(ticket)
    ticket.reject(
      new ApiError(503, 'every place of the inbox is taken; try again soon', {
        code: 'inbox_full',
        headers: retryAfter(this.#parts.config.tickMs),
      }),
    )
  }

  #returned(number: number): void {
    const ticket = this.#tickets.get(number)
    if (ticket === undefined) return
    const { call } = ticket
    // What was credited for its claim is taken back.
    this.book.judged(ticket.query.id, 0)
    ticket.stage = 'inbox'
    ticket.agent = NONE
    ticket.call = null
    ticket.tries = 0
    call?.abort()
  }

  #decided(number: number, claims: number, winner: number): void {
    const ticket = this.#tickets.get(number)!
    const { id: request, type } = ticket.query
    const reason = this.#recorder.decided(this.core, ticket.query, claims, winner)
    if (winner === NONE) return
    this.#claims[winner]!++
    this.book.claimed({ request, agent: winner, type })
    ticket.agent = winner
    ticket.reason = reason
    ticket.notBefore = 0
    if (ticket.stage !== 'over') {
      ticket.stage = 'queued'
      return
    }
    // Its client has gone while it came: the agent has nothing to do for it.
    this.book.judged(request, 0)
    this.core.complete(winner, number)
    this.#forget(ticket)
  }

  #loses(number: number): void {
    const ticket = this.#tickets.get(number)
    if (ticket === undefined) return
    if (ticket.stage !== 'over') this.#lost++
    this.#recorder.lost(ticket.query.id)
    this.book.judged(ticket.query.id, 0)
    const { call } = ticket
    this.#forget(ticket)
    call?.abort()
    ticket.reject(
      new ApiError(503, 'no agent took the query in time; try again soon', {
        code: 'query_expired',
        headers: retryAfter(this.#parts.config.tickMs * this.core.rules.patience),
      }),
    )
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
    this.#recorder.adopted(this.#ticks, config)
    this.lead(policy)
  }

  #stepped(): void {
    const { quantities, awards } = this.core.state
    this.book.stepped(quantities, awards === 0)
  }
}

/** f64 [N, T], how good each agent is at each type. */
function skillsOf(config: RoutingDispatchConfig): Float64Array {
  return Float64Array.from(resolveInstance(config).agents.flatMap((agent) => agent.skill))
}

/** What a client is told when its agent failed too often. */
function agentFailed(agent: string, { outcome, retryAfterMs }: AgentFailure): ApiError {
  const limited = outcome === 'rate-limited'
  return new ApiError(limited ? 429 : 503, `agent "${agent}" did not answer: ${outcome}`, {
    code: limited ? 'rate_limit_exceeded' : 'agent_failed',
    headers: retryAfter(retryAfterMs ?? 1000),
  })
}

/**
 * Whether an agent counts as up: it may be called now, or a query is testing it. One that counted as down during its test would lose
 * the query that tests it, and never come up.
 */
function isUsable({ closedBy, breaker }: AgentClient): boolean {
  return closedBy === null || (closedBy === 'breaker-open' && breaker === 'half-open')
}
