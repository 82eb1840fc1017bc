import { NONE } from '#env/routing-dispatch/dispatch-state.js'
import type { Answer } from '../client/answer.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import type { RelayedQuestion } from '../gateway/relay.js'
import type { DispatchCore } from './dispatch-core.js'
import type { Dispatched, Query, Ticket } from './ticket.js'
import { UnansweredError } from './unanswered.js'
import type { UtilityBook } from './utility-book.js'

/**
 * The queries in the hands of a dispatcher, and what becomes of them: each ends once, with an answer, an error, or since nobody waits
 * for it any more. One that ends without a whole answer is worth nothing.
 */
export class Tickets<Q = RelayedQuestion, A = Answer> {
  readonly #core: DispatchCore
  readonly #book: UtilityBook
  readonly #tickMs: number
  readonly #happened: () => void
  readonly #tickets = new Map<number, Ticket<Q, A>>()
  #next = 0
  #lost = 0
  #refused = 0

  /** @param happened - called when the core has something to hear of */
  constructor(core: DispatchCore, book: UtilityBook, tickMs: number, happened: () => void) {
    this.#core = core
    this.#book = book
    this.#tickMs = tickMs
    this.#happened = happened
  }

  /** Queries that nobody claimed in time while somebody waited for them. */
  get lost(): number {
    return this.#lost
  }

  /** Queries that found no place. */
  get refused(): number {
    return this.#refused
  }

  /** The ticket of a number; undefined where its query is over. */
  of(number: number): Ticket<Q, A> | undefined {
    return this.#tickets.get(number)
  }

  /** A query comes. @returns who answers @throws UnansweredError when nobody does */
  open(query: Query<Q>): Promise<Dispatched<A>> {
    return new Promise((resolve, reject) => {
      const number = this.#next
      this.#next = (number + 1) % 2 ** 31
      const ticket: Ticket<Q, A> = {
        number,
        query,
        stage: 'arriving',
        agent: NONE,
        tries: 0,
        notBefore: 0,
        reason: 'policy',
        policy: undefined,
        call: null,
        arrivedTick: this.#core.ticks,
        resolve,
        reject,
      }
      this.#tickets.set(number, ticket)
      this.#core.arrive(query.type, number)
      const { signal } = query.work
      const giveUp = () => this.#giveUp(ticket)
      if (signal.aborted) giveUp()
      else signal.addEventListener('abort', giveUp, { once: true })
      this.#happened()
    })
  }

  /** A query has come to a boundary. @param accepted - whether it has a place in the inbox */
  arrived(ticket: Ticket<Q, A>, accepted: boolean): void {
    if (accepted && ticket.stage === 'over') {
      // It has a place until the next boundary, and may be claimed at this one.
      this.#core.withdraw(ticket.number)
      return
    }
    if (accepted) {
      ticket.stage = 'inbox'
      ticket.arrivedTick = this.#core.ticks
      return
    }
    this.#refused++
    this.#forget(ticket)
    ticket.reject(new UnansweredError({ kind: 'full', retryAfterMs: this.#tickMs }))
  }

  /** An agent gets a query from the inbox. @param reason - as in x-cadre-reason @param policy - that leads the team */
  claimed(ticket: Ticket<Q, A>, agent: number, reason: string, policy: PolicyIdentity): void {
    const { id: request, type } = ticket.query
    this.#book.claimed({ request, agent, type })
    ticket.agent = agent
    ticket.reason = reason
    ticket.policy = policy
    ticket.notBefore = 0
    if (ticket.stage === 'over') {
      // Its client has gone while it came: the agent has nothing to do for it.
      this.#free(ticket)
    } else ticket.stage = 'queued'
  }

  /** A query is given back, since its agent went down: to the inbox, or it is lost next. */
  returned(ticket: Ticket<Q, A>): void {
    const { call } = ticket
    this.#book.takenBack(ticket.query.id)
    ticket.stage = 'inbox'
    ticket.agent = NONE
    ticket.call = null
    ticket.tries = 0
    call?.abort()
  }

  /** A query that nobody waits for has left the inbox. */
  withdrew(number: number): void {
    this.#tickets.delete(number)
  }

  /** A query was in the inbox for too long. */
  expired(ticket: Ticket<Q, A>): void {
    if (ticket.stage !== 'over') this.#lost++
    this.#forget(ticket)
    const retryAfterMs = this.#tickMs * this.#core.rules.patience
    ticket.reject(new UnansweredError({ kind: 'expired', retryAfterMs }))
  }

  /** An answer is over. */
  finished(ticket: Ticket<Q, A>): void {
    this.#core.complete(ticket.agent, ticket.number)
    this.#forget(ticket)
  }

  /** A query ends without an answer in its agent's queue, which is free of it at the next boundary. */
  failed(ticket: Ticket<Q, A>, error: unknown): void {
    this.#free(ticket)
    ticket.reject(error)
  }

  /** Tickets of an agent's queue that can't be given to another any more. */
  begunAt(i: number): number[] {
    const { queue, queued } = this.#core.state
    const begun: number[] = []
    for (let place = 0; place < queue[i]!; place++) {
      const { ticket: number } = queued!.at(i, place)
      const stage = this.#tickets.get(number)?.stage ?? 'over'
      if (stage === 'begun' || stage === 'over') begun.push(number)
    }
    return begun
  }

  /** Nobody waits for a query any more: its client has gone, its deadline passed, or the gateway stops. */
  #giveUp(ticket: Ticket<Q, A>): void {
    if (ticket.stage === 'arriving' || ticket.stage === 'inbox') {
      // One that has yet to arrive is withdrawn when it has.
      if (ticket.stage === 'inbox') this.#core.withdraw(ticket.number)
      ticket.stage = 'over'
      ticket.reject(new UnansweredError({ kind: 'given-up' }))
    } else if (ticket.stage === 'queued') {
      this.failed(ticket, new UnansweredError({ kind: 'given-up' }))
    }
    this.#happened()
  }

  #free(ticket: Ticket<Q, A>): void {
    this.#book.judged(ticket.query.id, 0)
    this.finished(ticket)
  }

  #forget(ticket: Ticket<Q, A>): void {
    ticket.stage = 'over'
    ticket.call = null
    this.#tickets.delete(ticket.number)
  }
}
