import { StateError } from '../errors.js'
import { ANSWERED, CONFLICTS, COST, LATENCY, LOSS, QUEUED, quantities, VALUE, WAITED } from './quantities.js'
import { QueuedQueries } from './queued-queries.js'
import type { DispatchRules } from './rules.js'
import { wholeTicks } from './whole-ticks.js'

const NOTHING: readonly number[] = []

/** No query, where a place or a ticket is asked for. */
export const NONE = -1

/**
 * The state of a team with queues, and the rules of a tick: who is taken from the inbox, what ages, what is lost, what is
 * paid. Pure: nothing is drawn here and no clock is read. Whoever drives it brings the events: the environment draws them,
 * the live dispatcher gets them from the world.
 *
 * A tick, in this order:
 *
 *     beginStep; award, where someone claims the head of the inbox; and while `offersMore`, the same again;
 *     endOffers (what waits ages, is lost or pays `waited`; all queues are counted, as they stand after the claims);
 *     complete, at most once an agent; goDown and comeUp; withdraw; arrive, in order of time.
 *
 * What is earned and paid on the way adds up in `quantities`, anew from each `beginStep`; `rules.reward` of them is the step's
 * reward. What is left at the end is the state that the next decisions are made in.
 *
 * Inbox: up to B queries, ordered by priority, then by arrival; only the head is offered. A query claimed is worth its value
 * times its success, less its price, in the tick of the claim, whenever its answer comes.
 * Down: the queue stays (`keep`), or each of its queries goes back to the inbox, oldest first, with the patience it had at the
 * claim less the ticks since (`giveBack`); one without patience or place is lost. Its price stays paid; the value that was
 * credited is taken back in this tick.
 *
 * Timed: decisions are made when something happens, not tick by tick. Then time goes on by `passTo` in the place of `endOffers`, with the
 * costs of the time that is over: patience lasts for patience * tickMs, `waited` and `queued` count for each tickMs of time, and
 * decisions left are those less whole ticks since the arrival.
 */
export class DispatchState {
  /** Changed by `adopt` alone. */
  rules: DispatchRules
  /** Queries in the inbox; the first of each array are valid. Head first. */
  waiting = 0
  /** i32 [B], types, decisions left, and whatever number the driver knows each query by. */
  readonly type: Int32Array
  readonly left: Int32Array
  readonly ticket: Int32Array
  /** f64 [B], order of arrival. */
  readonly arrival: Float64Array
  /** f64 [B], when each came, by `now`. */
  readonly since: Float64Array
  /** i32 [N], queries in each queue, the one in service included. */
  readonly queue: Int32Array
  /** u8 [N] */
  readonly down: Uint8Array
  /** u8 [N], 1 = may claim the head of the inbox, as `findEligible` found it. */
  readonly eligible: Uint8Array
  /** What each queue holds, oldest claim first; null where nobody asks: lengths decide all else. */
  readonly queued: QueuedQueries | null
  /** Ticks since the start. */
  tick = 0
  /** Timed: ms since the start; else 0. */
  now = 0
  /** Whether time goes on by `passTo`. */
  readonly timed: boolean
  /** Queries handed out at this boundary. */
  awards = 0
  /** f64 [K], of the tick under way: see `quantities`. A driver may set an array of its own, to which they are then written. */
  quantities: Float64Array = new Float64Array(quantities.length)
  /** Tickets of queries that were lost since `beginStep`, in order: out of patience, or given back without patience or place. */
  readonly lost: Int32Array
  lostCount = 0
  /** Queries that have come so far: what they are ordered by. */
  arrived = 0

  // Rules that every step asks several times.
  readonly #capacity: Int32Array
  readonly #takes: Uint8Array
  readonly #numTypes: number

  /**
   * @param tracks - whether the queries in queues are told apart, which giving back and live teams need
   * @param timed - whether time goes on by `passTo`, not by ticks
   */
  constructor(rules: DispatchRules, tracks: boolean = rules.givesBack, timed = false) {
    this.rules = rules
    this.timed = timed
    const { places, numAgents, capacity } = rules
    this.#capacity = capacity
    this.#takes = rules.takes
    this.#numTypes = rules.numTypes
    this.type = new Int32Array(places)
    this.left = new Int32Array(places)
    this.ticket = new Int32Array(places)
    this.arrival = new Float64Array(places)
    this.since = new Float64Array(places)
    this.queue = new Int32Array(numAgents)
    this.down = new Uint8Array(numAgents)
    this.eligible = new Uint8Array(numAgents)
    this.queued = tracks ? new QueuedQueries(capacity) : null
    this.lost = new Int32Array(places + capacity.reduce((sum, size) => sum + size, 0))
  }

  /**
   * Goes on by other numbers: prices, values, losses, services, costs. What is in the inbox and the queues stays.
   * @throws StateError where they are another team's: of other agents, queues, types, priorities, patience or places
   */
  adopt(rules: DispatchRules): void {
    const shapeOf = ({ capacity, places, patience, priority, givesBack, takes }: DispatchRules) =>
      JSON.stringify([[...capacity], places, patience, [...priority], givesBack, [...takes]])
    if (shapeOf(rules) !== shapeOf(this.rules)) {
      throw new StateError(
        'routing-dispatch: expected rules of the same team (agents, queues, types, priorities, patience, places, onDown); start anew with others',
      )
    }
    this.rules = rules
  }

  /** No query, queues empty, all up. */
  reset(): void {
    this.waiting = 0
    this.queue.fill(0)
    this.down.fill(0)
    this.tick = 0
    this.now = 0
    this.awards = 0
    this.lostCount = 0
    this.arrived = 0
    this.quantities.fill(0)
  }

  /** Works out who may claim the head of the inbox: `eligible`. */
  findEligible(): void {
    const { eligible, down, queue } = this
    const capacity = this.#capacity
    const takes = this.#takes
    const types = this.#numTypes
    const waits = this.waiting > 0
    const type = this.type[0]!
    for (let i = 0; i < eligible.length; i++) {
      eligible[i] = waits && down[i] === 0 && queue[i]! < capacity[i]! ? takes[i * types + type]! : 0
    }
  }

  /** Starts the accounts of a decision. */
  beginStep(): void {
    const q = this.quantities
    for (let k = 0; k < q.length; k++) q[k] = 0
    this.lostCount = 0
  }

  /**
   * The head of the inbox goes to the queue of `winner`, one that may claim.
   * @param claims - how many claimed it, at least 1
   * @param good - how good its answer will be, 0 to 1, as far as that is known now
   */
  award(winner: number, claims: number, good: number): void {
    const { patience, price, value, service, tickMs } = this.rules
    const q = this.quantities
    const type = this.type[0]!
    const length = this.queue[winner]! + 1
    const credit = good * value[type]!
    if (this.queued !== null) {
      const query = this.queued.next(winner, length - 1)
      query.type = type
      query.left = this.left[0]!
      query.ticket = this.ticket[0]!
      query.arrival = this.arrival[0]!
      query.since = this.since[0]!
      query.tick = this.tick
      query.credit = credit
    }
    this.queue[winner] = length
    q[VALUE] = q[VALUE]! + credit
    q[COST] = q[COST]! + price[winner]!
    q[CONFLICTS] = q[CONFLICTS]! + claims - 1
    q[ANSWERED] = q[ANSWERED]! + 1
    const waited = this.timed ? (this.now - this.since[0]!) / tickMs : patience - this.left[0]!
    q[LATENCY] = q[LATENCY]! + waited + length / service[winner]!.rate
    this.awards++
    this.#remove(0)
  }

  /** Whether the next head is offered at this same boundary; timed: at this same moment, as long as one waits. */
  get offersMore(): boolean {
    if (this.waiting === 0) return false
    return this.timed || (this.awards > 0 && this.awards < this.rules.offersPerTick)
  }

  /** What wasn't claimed ages by one; then all queues are counted. */
  endOffers(): void {
    const q = this.quantities
    let kept = 0
    for (let k = 0; k < this.waiting; k++) {
      if (this.left[k] === 1) {
        q[LOSS] = q[LOSS]! + this.rules.loss[this.type[k]!]!
        this.lost[this.lostCount++] = this.ticket[k]!
        continue
      }
      this.#move(k, kept)
      this.left[kept] = this.left[kept]! - 1
      kept++
    }
    this.waiting = kept
    q[WAITED] = q[WAITED]! + kept
    let queued = 0
    for (let i = 0; i < this.queue.length; i++) queued += this.queue[i]!
    q[QUEUED] = q[QUEUED]! + queued
    this.awards = 0
    this.tick++
  }

  /**
   * Timed: time goes on. What waits, and all queues, cost for the time that is over; what is out of patience is lost, and has waited until
   * then, however late that is seen.
   * @param now - ms since the start
   * @returns whether decisions may be others than before: a query is lost, or the head of the inbox has fewer decisions left
   * @throws StateError where it would go back
   */
  passTo(now: number): boolean {
    const { patience, tickMs, loss } = this.rules
    if (!(now >= this.now)) {
      throw new StateError(`routing-dispatch: expected a time that is not before ${this.now} ms, got ${now}`)
    }
    const q = this.quantities
    const before = this.lostCount
    const headLeft = this.left[0]!
    let kept = 0
    for (let k = 0; k < this.waiting; k++) {
      const since = this.since[k]!
      const left = this.#leftOf(since, now)
      const until = left > 0 ? now : since + patience * tickMs
      q[WAITED] = q[WAITED]! + (until - this.now) / tickMs
      if (left <= 0) {
        q[LOSS] = q[LOSS]! + loss[this.type[k]!]!
        this.lost[this.lostCount++] = this.ticket[k]!
        continue
      }
      this.#move(k, kept)
      this.left[kept] = left
      kept++
    }
    this.waiting = kept
    let queued = 0
    for (let i = 0; i < this.queue.length; i++) queued += this.queue[i]!
    q[QUEUED] = q[QUEUED]! + (queued * (now - this.now)) / tickMs
    this.awards = 0
    this.now = now
    this.tick = wholeTicks(0, now, tickMs)
    return this.lostCount > before || (kept > 0 && this.left[0] !== headLeft)
  }

  /** Timed: when the head of the inbox has fewer decisions left, or a query is out of patience, ms since the start; Infinity = never. */
  get due(): number {
    const { patience, tickMs } = this.rules
    if (this.waiting === 0) return Number.POSITIVE_INFINITY
    let due = this.since[0]! + (patience - this.left[0]! + 1) * tickMs
    for (let k = 1; k < this.waiting; k++) due = Math.min(due, this.since[k]! + patience * tickMs)
    return due
  }

  /**
   * Agent i has finished a query.
   * @param place - of its queue; the oldest where queries aren't told apart
   */
  complete(i: number, place = 0): void {
    this.queued?.remove(i, place, this.queue[i]!)
    this.queue[i] = this.queue[i]! - 1
  }

  /**
   * Agent i, so far up, goes down.
   * @param begun - places of its queue whose answers have begun to reach their clients: these are never given back
   */
  goDown(i: number, begun: readonly number[] = NOTHING): void {
    this.down[i] = 1
    if (this.rules.givesBack) this.#giveBack(i, begun)
  }

  comeUp(i: number): void {
    this.down[i] = 0
  }

  /**
   * A query arrives.
   * @returns whether the inbox had a place; else it is refused, which costs its loss
   */
  arrive(type: number, ticket: number = NONE): boolean {
    if (this.waiting === this.rules.places) {
      this.quantities[LOSS] = this.quantities[LOSS]! + this.rules.loss[type]!
      return false
    }
    this.#insert(type, this.rules.patience, ticket, this.arrived++, this.now)
    return true
  }

  /** The query at a place of the inbox leaves without an answer, such as that of a client who has gone. Costs nothing. */
  withdraw(place: number): void {
    this.#remove(place)
  }

  /** Puts a query that waits into the inbox, behind those that are there: for states that are given. */
  restore(type: number, left: number, ticket: number = NONE): void {
    this.#insert(type, left, ticket, this.arrived++, this.now)
  }

  #giveBack(i: number, begun: readonly number[]): void {
    const queries = this.queued!
    const q = this.quantities
    const length = this.queue[i]!
    const stays = queries.setAside(i, length, begun)
    for (let k = stays; k < length; k++) {
      const { type, left, ticket, arrival, since, tick, credit } = queries.at(i, k)
      q[VALUE] = q[VALUE]! - credit
      const rest = this.timed ? this.#leftOf(since, this.now) : left - (this.tick - tick)
      if (rest > 0 && this.waiting < this.rules.places) {
        this.#insert(type, rest, ticket, arrival, since)
      } else {
        q[LOSS] = q[LOSS]! + this.rules.loss[type]!
        this.lost[this.lostCount++] = ticket
      }
    }
    this.queue[i] = stays
  }

  /** Decisions left at `now` of a query that came at `since`. */
  #leftOf(since: number, now: number): number {
    return this.rules.patience - wholeTicks(since, now, this.rules.tickMs)
  }

  #insert(type: number, left: number, ticket: number, arrival: number, since: number): void {
    const { priority } = this.rules
    let place = this.waiting
    while (place > 0 && this.#after(place - 1, priority[type]!, arrival)) {
      this.#move(place - 1, place)
      place--
    }
    this.type[place] = type
    this.left[place] = left
    this.ticket[place] = ticket
    this.arrival[place] = arrival
    this.since[place] = since
    this.waiting++
  }

  /** Whether the query at `place` comes after one of that priority and arrival. */
  #after(place: number, priority: number, arrival: number): boolean {
    const own = this.rules.priority[this.type[place]!]!
    return own < priority || (own === priority && this.arrival[place]! > arrival)
  }

  #remove(place: number): void {
    for (let k = place + 1; k < this.waiting; k++) this.#move(k, k - 1)
    this.waiting--
  }

  #move(from: number, to: number): void {
    if (from === to) return
    this.type[to] = this.type[from]!
    this.left[to] = this.left[from]!
    this.ticket[to] = this.ticket[from]!
    this.arrival[to] = this.arrival[from]!
    this.since[to] = this.since[from]!
  }
}
