import type { DispatchState } from '#env/routing-dispatch/dispatch-state.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import { ApiError, retryAfter } from '../gateway/api-error.js'
import { givenUp, refusedBy } from '../gateway/relay.js'
import { loopDetected } from '../gateway/through-hops.js'
import type { Seat, SeatTable } from './seat-table.js'
import type { Ticket } from './ticket.js'
import type { Tickets } from './tickets.js'
import type { UtilityBook } from './utility-book.js'

export interface ServiceParts {
  readonly state: DispatchState
  readonly seats: SeatTable
  readonly tickets: Tickets
  readonly book: UtilityBook
  readonly clock: Clock
  /** Called when an agent has done with a query, or a try. */
  happened(): void
}

/** Wait before a query is tried again at the same agent, doubled each time. */
const firstPauseMs = 100

/**
 * Asks agents what is in their queues: in order, as many at once as each may have. A query whose try failed stays in its agent's queue
 * and is tried again, until the agent's `retries` are used up.
 */
export class QueueService {
  readonly #parts: ServiceParts

  constructor(parts: ServiceParts) {
    this.#parts = parts
  }

  /** Asks an agent what it may be asked now. */
  serve(i: number): void {
    const { seats, tickets, clock } = this.#parts
    const { queue, queued } = this.#parts.state
    const seat = seats.seated[i]!
    if (seat === null) return
    for (let place = 0; place < queue[i]! && seats.serving[i]! < seat.concurrency; place++) {
      if (seat.client.closedForMs > 0) return
      const ticket = tickets.of(queued!.at(i, place).ticket)
      if (ticket?.stage !== 'queued') continue
      // Those behind wait with it: an agent answers in order.
      if (ticket.notBefore > clock.elapsedMs()) return
      void this.#ask(ticket, i, seat)
    }
  }

  /** When a query that waits for its next try may be tried again, by the clock's `elapsedMs`; Infinity where none does. */
  nextTry(): number {
    const { tickets, clock } = this.#parts
    const { queue, queued } = this.#parts.state
    const now = clock.elapsedMs()
    let next = Number.POSITIVE_INFINITY
    for (let i = 0; i < queue.length; i++) {
      for (let place = 0; place < queue[i]!; place++) {
        const ticket = tickets.of(queued!.at(i, place).ticket)
        if (ticket?.stage === 'queued' && ticket.notBefore > now) next = Math.min(next, ticket.notBefore)
      }
    }
    return next
  }

  async #ask(ticket: Ticket, i: number, seat: Seat): Promise<void> {
    const { seats, tickets, book, happened } = this.#parts
    const { id, question, work, attempts } = ticket.query
    const call = new AbortController()
    ticket.stage = 'serving'
    ticket.call = call
    seats.serving[i]!++
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
        seats.serving[i]!--
        if (answer.kind === 'stream') answer.stream.close(true)
        happened()
        return
      }
      const finish = () => {
        seats.serving[i]!--
        tickets.finished(ticket)
        happened()
      }
      const ended = (whole: boolean) => {
        if (!whole) book.judged(id, 0)
        if (answer.kind === 'stream') finish()
      }
      ticket.stage = 'begun'
      const { reason, policy } = ticket
      ticket.resolve({ agent: seat.teamIndex, reason, answer, ended, ...(policy === undefined ? {} : { policy }) })
      if (answer.kind === 'whole') finish()
    } catch (failure) {
      seats.serving[i]!--
      if (ticket.call === call) {
        ticket.call = null
        this.#failed(ticket, seat, failure)
      }
      happened()
    }
  }

  #failed(ticket: Ticket, seat: Seat, failure: unknown): void {
    const { tickets, clock } = this.#parts
    const { work } = ticket.query
    if (!(failure instanceof AgentFailure)) tickets.failed(ticket, failure)
    else if (work.givenUp !== null) tickets.failed(ticket, givenUp(work))
    else if (failure.outcome === 'bad-request' || failure.outcome === 'unfit') {
      tickets.failed(ticket, refusedBy(seat.client.name, failure))
    } else if (failure.isLoop) {
      const message = `this request goes in a circle: ${seat.client.name} leads back to a gateway that it has come through`
      tickets.failed(ticket, loopDetected(message))
    } else {
      const wasAsked = failure.outcome !== 'breaker-open' && failure.outcome !== 'down'
      if (wasAsked) ticket.tries++
      if (ticket.tries > seat.retries) {
        tickets.failed(ticket, agentFailed(seat.client.name, failure))
        return
      }
      ticket.stage = 'queued'
      ticket.notBefore = wasAsked ? clock.elapsedMs() + firstPauseMs * 2 ** (ticket.tries - 1) : 0
    }
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
