import type { DispatchState } from '#env/routing-dispatch/dispatch-state.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Answer } from '../client/answer.js'
import type { Clock } from '../client/clock.js'
import type { RelayedQuestion } from '../gateway/relay.js'
import type { Seat, SeatTable } from './seat-table.js'
import type { Ticket } from './ticket.js'
import type { Tickets } from './tickets.js'
import { UnansweredError } from './unanswered.js'
import type { UtilityBook } from './utility-book.js'

export interface ServiceParts<Q, A> {
  readonly state: DispatchState
  readonly seats: SeatTable<Q, A>
  readonly tickets: Tickets<Q, A>
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
export class QueueService<Q = RelayedQuestion, A = Answer> {
  readonly #parts: ServiceParts<Q, A>

  constructor(parts: ServiceParts<Q, A>) {
    this.#parts = parts
  }

  /** Asks an agent what it may be asked now. */
  serve(i: number): void {
    const { seats, tickets, clock } = this.#parts
    const { queue, queued } = this.#parts.state
    const seat = seats.seated[i]!
    if (seat === null) return
    for (let place = 0; place < queue[i]! && seats.serving[i]! < seat.concurrency; place++) {
      if (!seat.occupant.mayBeAsked) return
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

  async #ask(ticket: Ticket<Q, A>, i: number, seat: Seat<Q, A>): Promise<void> {
    const { seats, tickets, book, happened } = this.#parts
    const { id, question, work, attempts } = ticket.query
    const call = new AbortController()
    ticket.stage = 'serving'
    ticket.call = call
    seats.serving[i]!++
    try {
      const given = await seat.occupant.ask(question, {
        signal: AbortSignal.any([call.signal, work.signal]),
        remainingMs: () => work.remainingMs(),
        onAttempt: (attempt) => attempts.push(attempt),
      })
      if (ticket.call !== call) {
        // Given to another meanwhile.
        seats.serving[i]!--
        given.letGo()
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
        if (!given.isWhole) finish()
      }
      ticket.stage = 'begun'
      const { reason, policy } = ticket
      ticket.resolve({
        agent: seat.teamIndex,
        reason,
        answer: given.answer,
        ended,
        ...(policy === undefined ? {} : { policy }),
      })
      if (given.isWhole) finish()
    } catch (failure) {
      seats.serving[i]!--
      if (ticket.call === call) {
        ticket.call = null
        this.#failed(ticket, seat, failure)
      }
      happened()
    }
  }

  #failed(ticket: Ticket<Q, A>, seat: Seat<Q, A>, failure: unknown): void {
    const { tickets, clock } = this.#parts
    const { work } = ticket.query
    if (!(failure instanceof AgentFailure)) tickets.failed(ticket, failure)
    else if (work.signal.aborted) tickets.failed(ticket, new UnansweredError({ kind: 'given-up' }))
    else if (failure.outcome === 'bad-request' || failure.outcome === 'unfit' || failure.isLoop) {
      tickets.failed(ticket, new UnansweredError({ kind: 'refused', agent: seat.occupant.name, failure }))
    } else {
      const wasAsked = failure.outcome !== 'breaker-open' && failure.outcome !== 'down'
      if (wasAsked) ticket.tries++
      if (ticket.tries > seat.retries) {
        tickets.failed(ticket, new UnansweredError({ kind: 'failed', agent: seat.occupant.name, failure }))
        return
      }
      ticket.stage = 'queued'
      ticket.notBefore = wasAsked ? clock.elapsedMs() + firstPauseMs * 2 ** (ticket.tries - 1) : 0
    }
  }
}
