import type { Policy } from '#env/policy.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import { NONE } from '#env/routing-dispatch/dispatch-state.js'
import type { AgentClient, Attempt } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import { ApiError, retryAfter } from '../gateway/api-error.js'
import type { Ledger } from '../gateway/ledger.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import { givenUp, type Relayed, type RelayedQuestion, refusedBy } from '../gateway/relay.js'
import type { DispatchStatus, QueueStatus } from '../gateway/team-status.js'
import type { Work } from '../gateway/work.js'
import type { DecisionLog } from '../log/decision-log.js'
import { DispatchCore } from './dispatch-core.js'
import { DispatchRecorder } from './dispatch-recorder.js'
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
  readonly clock: Clock
  /** Of this run of the dispatcher. */
  readonly episode: string
  /** After which an agent that is down counts as absent. */
  readonly absentAfterMs: number
}

/** A query for the team. */
export interface Query {
  /** Id of its request. */
  readonly id: string
  /** Name of the key that called. */
  readonly key: string | null
  /** Name of the model that was asked for. */
  readonly model: string
  /** Number of its type. */
  readonly type: number
  readonly question: RelayedQuestion
  readonly work: Work
  /** When its first byte came, by the clock's `elapsedMs`. */
  readonly began: number
  /** Every try is added to it. */
  readonly attempts: Attempt[]
}

/** Where a query is. `begun`: its answer has begun to reach the client; `over`: nobody waits for it any more. */
type Stage = 'arriving' | 'inbox' | 'queued' | 'serving' | 'begun' | 'over'

/** A query in the hands of the dispatcher. */
interface Ticket {
  readonly number: number
  readonly query: Query
  stage: Stage
  /** Whose queue it is in, NONE = nobody's. */
  agent: number
  tries: number
  /** Not asked again before, by the clock's `elapsedMs`. */
  notBefore: number
  /** Why its agent has it, as in x-cadre-reason. */
  reason: string
  call: AbortController | null
  arrivedTick: number
  readonly resolve: (relayed: Relayed) => void
  readonly reject: (error: unknown) => void
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
  readonly #parts: DispatcherParts
  readonly #seats: (Seat | null)[]
  readonly #types: readonly string[]
  readonly #recorder: DispatchRecorder
  readonly #tickets = new Map<number, Ticket>()
  /** Those whose answers are on their way to their clients, by request. */
  readonly #begun = new Map<string, Ticket>()
  /** [N] */
  readonly #serving: Int32Array
  readonly #claims: Int32Array
  /** f64 [N], since when each agent is down, by the clock's `elapsedMs`; NaN while it is up. */
  readonly #downSince: Float64Array
  readonly #reachable: boolean[]
  #nextTicket = 0
  #lost = 0
  #refused = 0
  #lateTicks = 0
  #startedAt = 0
  #cancelTimer: (() => void) | null = null
  #claimed: { readonly ticket: Ticket; readonly agent: number } | null = null

  constructor(parts: DispatcherParts) {
    this.#parts = parts
    const { config, policy, seed, epsilon, seats } = parts
    const { types, agents } = resolveInstance(config)
    this.#types = types.map(({ name }) => name)
    this.#seats = [...seats]
    this.#serving = new Int32Array(agents.length)
    this.#claims = new Int32Array(agents.length)
    this.#downSince = new Float64Array(agents.length).fill(Number.NaN)
    this.#reachable = seats.map((seat) => seat !== null)
    const names = agents.map(agentName)
    const recorder = new DispatchRecorder(parts, names, this.#types)
    this.#recorder = recorder
    this.core = new DispatchCore(config, policy, {
      seed: `dispatch-${seed}`,
      epsilon,
      listener: {
        completed: (agent, place) => recorder.completed(agent, place),
        wentDown: (agent, begun) => recorder.wentDown(agent, begun),
        cameUp: (agent) => recorder.cameUp(agent),
        returned: (number) => this.#returned(number),
        withdrew: (place) => recorder.withdrew(place),
        arrived: (number, type, accepted) => this.#arrived(number, type, accepted),
        decided: (number, claims, winner) => this.#decided(number, claims, winner),
        lost: (number) => this.#loses(number),
        stepped: () => this.#stepped(),
      },
    })
    this.book = new UtilityBook(this.core.rules, Float64Array.from(agents.flatMap((agent) => agent.skill)))
  }

  /** Names of the query types, by their numbers. */
  get types(): readonly string[] {
    return this.#types
  }

  /** Begins to tick. */
  start(): void {
    const { clock, config } = this.#parts
    this.#startedAt = clock.elapsedMs()
    this.#recorder.started(this.#seats.map((seat) => seat !== null))
    const tick = () => {
      // Every boundary that is due has its turn: late ones come one right after the other.
      for (let due = this.#dueAt(this.#ticks + 1); clock.elapsedMs() >= due; due = this.#dueAt(this.#ticks + 1)) {
        const lateMs = clock.elapsedMs() - due
        if (lateMs > config.tickMs / 2) {
          this.#lateTicks++
          this.#recorder.late(lateMs)
        }
        this.#boundary()
        if (this.#cancelTimer === null) return
      }
      this.#cancelTimer = clock.later(this.#dueAt(this.#ticks + 1) - clock.elapsedMs(), tick)
    }
    this.#cancelTimer = clock.later(config.tickMs, tick)
  }

  /** Ticks no more. What is still waiting must have been given up before. */
  stop(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#recorder.stopped(this.#ticks, this.#lateTicks, this.book.utility)
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

  /** An answer is over that began to reach its client. @param id - of its request */
  ended(id: string): void {
    const ticket = this.#begun.get(id)
    this.#begun.delete(id)
    if (ticket !== undefined) this.#finish(ticket)
  }

  /** How good the answer to a request was, 0 to 1. */
  judged(request: string, score: number): void {
    this.book.judged(request, score)
  }

  /** Another policy takes over at the next boundary. */
  lead(policy: Policy): void {
    this.core.decider.policy = policy
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
      lateTicks: this.#lateTicks,
      inbox: Array.from({ length: state.waiting }, (_, k) => ({
        type: this.#types[state.type[k]!]!,
        remaining: state.left[k]!,
        waitedTicks: this.#ticks - (this.#tickets.get(state.ticket[k]!)?.arrivedTick ?? this.#ticks),
      })),
      inboxPlaces: this.core.rules.places,
      lost: this.#lost,
      refused: this.#refused,
      utility: { ...utility, predictedPerTick: this.predictedPerTick },
      solving: this.solving,
    }
  }

  get #ticks(): number {
    return this.core.state.tick - 1
  }

  #dueAt(tick: number): number {
    return this.#startedAt + tick * this.#parts.config.tickMs
  }

  #boundary(): void {
    const { state } = this.core
    const now = this.#parts.clock.elapsedMs()
    let changed = false
    this.#seats.forEach((seat, i) => {
      const isUp = seat !== null && seat.client.closedForMs === 0
      if (isUp) this.#downSince[i] = Number.NaN
      else if (Number.isNaN(this.#downSince[i]!)) this.#downSince[i] = now
      const reachable = seat !== null && !(now - this.#downSince[i]! >= this.#parts.absentAfterMs)
      changed ||= reachable !== this.#reachable[i]
      this.#reachable[i] = reachable
      if (isUp && state.down[i] === 1) this.core.up(i)
      if (!isUp && state.down[i] === 0) this.core.down(i, this.#begunAt(i))
    })
    if (changed) this.onReachable?.([...this.#reachable])
    this.core.boundary()
    this.#recorder.boundary(this.#ticks)
    for (let i = 0; i < state.queue.length; i++) this.#serve(i)
  }

  /** Tickets of an agent's queue that can't be given to another any more. */
  #begunAt(i: number): number[] {
    const { queue, queued } = this.core.state
    const begun: number[] = []
    for (let place = 0; place < queue[i]!; place++) {
      const ticket = this.#tickets.get(queued!.at(i, place).ticket)
      if (ticket === undefined || ticket.stage === 'begun') begun.push(queued!.at(i, place).ticket)
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
      const wasAsked = failure.outcome !== 'breaker-open'
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
      if (ticket.stage === 'inbox') this.core.withdraw(ticket.number)
      const arrives = ticket.stage === 'arriving'
      ticket.stage = 'over'
      // One that has yet to arrive is withdrawn when it has.
      if (!arrives) this.#forget(ticket)
      ticket.reject(givenUp(ticket.query.work))
    } else if (ticket.stage === 'queued') {
      this.#end(ticket, ticket.agent, givenUp(ticket.query.work))
    }
  }

  #arrived(number: number, type: number, accepted: boolean): void {
    const ticket = this.#tickets.get(number)!
    this.#recorder.arrived(type, ticket.query.id)
    if (accepted && ticket.stage === 'over') {
      this.core.withdraw(number)
      this.#tickets.delete(number)
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
    ticket.stage = 'inbox'
    ticket.agent = NONE
    ticket.call = null
    ticket.tries = 0
    call?.abort()
  }

  #decided(number: number, claims: number, winner: number): void {
    const ticket = this.#tickets.get(number)
    const reason = this.#recorder.decided(this.core, ticket?.query ?? null, claims, winner)
    if (winner === NONE) return
    this.#claims[winner]!++
    if (ticket === undefined) {
      // Its client has gone since the last boundary: the agent has nothing to do for it.
      this.core.complete(winner, number)
      return
    }
    ticket.stage = 'queued'
    ticket.agent = winner
    ticket.reason = reason
    ticket.notBefore = 0
    this.#claimed = { ticket, agent: winner }
  }

  #loses(number: number): void {
    this.#lost++
    const ticket = this.#tickets.get(number)
    if (ticket === undefined) return
    this.#recorder.lost(ticket.query.id)
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

  #stepped(): void {
    const claimed = this.#claimed
    this.#claimed = null
    const { state } = this.core
    const claim =
      claimed === null
        ? null
        : { request: claimed.ticket.query.id, agent: claimed.agent, type: claimed.ticket.query.type }
    this.book.stepped(state.quantities, claim, state.awards > 0 ? 0 : 1)
  }
}

/** What a client is told when its agent failed too often. */
function agentFailed(agent: string, { outcome, retryAfterMs }: AgentFailure): ApiError {
  const limited = outcome === 'rate-limited'
  return new ApiError(limited ? 429 : 503, `agent "${agent}" did not answer: ${outcome}`, {
    code: limited ? 'rate_limit_exceeded' : 'agent_failed',
    headers: retryAfter(retryAfterMs ?? 1000),
  })
}
