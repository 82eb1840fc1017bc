import { StateError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { DispatchState, NONE } from '#env/routing-dispatch/dispatch-state.js'
import { DispatchView } from '#env/routing-dispatch/dispatch-view.js'
import { type DispatchRules, dispatchRules, whyNotAtEvents } from '#env/routing-dispatch/rules.js'
import { stateIndex } from '#env/routing-dispatch/state-index.js'
import { Decider } from './decider.js'
import { checkSameTeam } from './same-team.js'

/** Who hears of what a dispatcher does with its queries. Agents by their numbers, queries by their tickets. */
export interface DispatchListener {
  /** How good the answer to a query just claimed will be, 0 to 1, as far as it is known now. Default: not at all. */
  quality?(ticket: number, agent: number, type: number): number
  /** A query that came since the last boundary has a place in the inbox, or is refused. */
  arrived?(ticket: number, type: number, accepted: boolean): void
  /** An agent's query at a place of its queue is finished. */
  completed?(agent: number, place: number, ticket: number): void
  /** @param begun - places of its queue that are never given back */
  wentDown?(agent: number, begun: readonly number[]): void
  cameUp?(agent: number): void
  /** A query is given back, since its agent went down: it is in the inbox again, or `lost` comes next. Its credit is taken back. */
  returned?(ticket: number): void
  /** A query left the inbox. @param place - where it was */
  withdrew?(place: number, ticket: number): void
  /** Other rules hold from now on, before the next decision. */
  adopted?(): void
  /** A decision was made on the head of the inbox, which is still there: `claims` claim it, `winner` will get it, NONE where nobody does. */
  decided?(ticket: number, claims: number, winner: number): void
  /** A query is given up: out of patience, or given back without patience or place. */
  lost?(ticket: number): void
  /**
   * A step is over.
   * @param reward - of it, as far as the qualities are known
   * @param ticks - that ended with it: 0 for all but the last of several decisions
   * @param from - when what it holds began, ticks since the start: at ticks its decision
   * @param to - until when; at ticks `from`, at events with a fraction
   */
  stepped?(reward: number, ticks: number, from: number, to: number): void
}

/** ticks: at each boundary between two ticks, by `boundary`; events: when something happens, by `moment`. */
export type DecideAt = 'ticks' | 'events'

/** How a core draws, and what it is told. */
export interface CoreOptions {
  /** Of the draws of winners, of the policy and of exploration. */
  readonly seed: string
  /** Chance that a decision explores. Default 0. */
  readonly epsilon?: number
  /** When decisions are made. Default: ticks. */
  readonly decide?: DecideAt
  readonly listener?: DispatchListener
}

/**
 * The second driver of the state machine of routing-dispatch: a team's inbox and queues, moved by events from the world. Knows no
 * clock: whoever has one calls `boundary` at each tick. Events that come in between wait for it:
 *
 * 1. completions, at most one an agent (further ones at the next boundary);
 * 2. agents that went down or came up;
 * 3. queries that were withdrawn; arrivals in the order of their time. This is the state;
 * 4. every agent that is up sees this state, and what the others say in it;
 * 5. the head of the inbox goes to one of those that claim it (and the next, while `offersPerTick` allows);
 * 6. what was not claimed ages; 7. all queues are paid for.
 *
 * Steps 4 to 7 begin a step of the environment, 1 to 3 of the next boundary end it.
 *
 * With decisions at events whoever has a clock calls `moment` when something has happened. First what waits ages and all queues are paid
 * for, by the time that is over; then 1 to 3; and where something is other than before, heads of the inbox are offered until nobody
 * claims one.
 */
export class DispatchCore {
  readonly state: DispatchState
  readonly view: DispatchView
  readonly decider: Decider
  readonly #listener: DispatchListener
  readonly #winners: Rng
  #config: RoutingDispatchConfig
  /** Rules that hold from the next decision. */
  #adopted: DispatchRules | null = null
  /** Tickets that each agent has finished, in order. */
  readonly #finished: number[][]
  /** [N], how each agent is, where that changed: NONE = it didn't. */
  readonly #change: Int8Array
  readonly #begun: (readonly number[])[]
  readonly #withdrawn: number[] = []
  readonly #arrivals: number[] = []
  readonly #arrivalTypes: number[] = []
  /** When what is counted now began, ticks since the start: a decision, or where time was cut since. */
  #from = 0

  constructor(config: RoutingDispatchConfig, policy: Policy, options: CoreOptions) {
    const rules = dispatchRules(config)
    this.#config = config
    this.state = new DispatchState(rules, true, options.decide === 'events')
    this.view = new DispatchView(config, rules, stateIndex(config, rules), this.state)
    this.decider = new Decider(policy, this.view, { seed: `${options.seed}/policy`, epsilon: options.epsilon ?? 0 })
    this.#listener = options.listener ?? {}
    this.#winners = new Rng(`${options.seed}/winners`)
    const n = this.rules.numAgents
    this.#finished = Array.from({ length: n }, () => [])
    this.#change = new Int8Array(n).fill(NONE)
    this.#begun = Array.from({ length: n }, () => NOTHING)
    this.#begin()
  }

  get rules(): DispatchRules {
    return this.state.rules
  }

  /** Ticks that are over: the first decision lies before any of them. */
  get ticks(): number {
    return this.state.timed ? this.state.tick : this.state.tick - 1
  }

  /** Ticks since the start, at events with their fractions. */
  get time(): number {
    const { timed, now, rules, tick } = this.state
    return timed ? now / rules.tickMs : tick
  }

  /**
   * Goes on by other numbers from the next decision: prices, values, losses, services, costs.
   * @throws StateError where they are another team's, or decisions can't be made at events by them
   */
  adopt(config: RoutingDispatchConfig): void {
    // Refused now, not at the next boundary.
    checkSameTeam(this.#config, config)
    const rules = dispatchRules(config)
    new DispatchState(this.rules).adopt(rules)
    const why = this.state.timed ? whyNotAtEvents(config) : null
    if (why !== null) throw new StateError(`routing-dispatch: ${why}; write it as one`)
    this.#config = config
    this.#adopted = rules
  }

  /** Begins anew: no query, queues empty, all up; what waits for the next boundary is forgotten. Draws go on. */
  restart(): void {
    this.state.reset()
    for (const finished of this.#finished) finished.length = 0
    this.#change.fill(NONE)
    this.#withdrawn.length = 0
    this.#arrivals.length = 0
    this.#arrivalTypes.length = 0
    this.decider.forget()
    this.#begin()
  }

  /** An agent has finished a query of its queue. */
  complete(agent: number, ticket: number): void {
    this.#finished[agent]!.push(ticket)
  }

  /** An agent is down from now on. @param begun - tickets whose answers have begun to reach their clients */
  down(agent: number, begun: readonly number[] = NOTHING): void {
    this.#change[agent] = 1
    this.#begun[agent] = begun
  }

  /** An agent is up from now on. */
  up(agent: number): void {
    this.#change[agent] = 0
  }

  /** The client of a query in the inbox has gone. */
  withdraw(ticket: number): void {
    this.#withdrawn.push(ticket)
  }

  /** A query has come. */
  arrive(type: number, ticket: number): void {
    this.#arrivals.push(ticket)
    this.#arrivalTypes.push(type)
  }

  /** A tick is over, and the next begins. */
  boundary(): void {
    this.#takeIn()
    this.#close(1)
    this.#goBy()
    this.#decide()
  }

  /**
   * Decisions at events: something may have happened, or time has come for what waits. Other rules hold from here on, and pay for what
   * happens.
   * @param now - ms since the start, never before the last one
   */
  moment(now: number): void {
    const { state } = this
    const before = state.tick
    const lostBefore = state.lostCount
    let changed = state.passTo(now)
    this.#tellLost(lostBefore)
    let ended = state.tick - before
    if (this.#adopted !== null) {
      this.#close(ended)
      this.#goBy()
      this.#beginStep()
      changed = true
      ended = 0
    }
    if (this.#takeIn()) changed = true
    this.#close(ended)
    if (changed && state.waiting > 0) this.#offer()
    else this.#beginStep()
  }

  /** The first step begins. */
  #begin(): void {
    if (this.state.timed) this.#beginStep()
    else this.#decide()
  }

  #beginStep(): void {
    const { state } = this
    state.beginStep()
    this.#from = this.time
  }

  /** Other rules hold, where there are any. */
  #goBy(): void {
    if (this.#adopted === null) return
    this.state.adopt(this.#adopted)
    this.#adopted = null
    this.#listener.adopted?.()
  }

  /** What has happened becomes the state. @returns whether anything has */
  #takeIn(): boolean {
    const { state } = this
    const { queued, queue } = state
    let happened = this.#arrivals.length > 0
    for (let i = 0; i < queue.length; i++) {
      const finished = this.#finished[i]!
      while (finished.length > 0) {
        const ticket = finished.shift()!
        const place = queued!.placeOf(i, queue[i]!, ticket)
        // One that was given back meanwhile isn't in the queue any more.
        if (place < 0) continue
        state.complete(i, place)
        this.#listener.completed?.(i, place, ticket)
        happened = true
        if (!state.timed) break
      }
    }
    for (let i = 0; i < queue.length; i++) {
      const change = this.#change[i]!
      if (change === NONE) continue
      if (change === 1 && state.down[i] === 0) {
        this.#goDown(i)
        happened = true
      }
      if (change === 0 && state.down[i] === 1) {
        state.comeUp(i)
        this.#listener.cameUp?.(i)
        happened = true
      }
      this.#change[i] = NONE
    }
    for (const ticket of this.#withdrawn) {
      for (let place = 0; place < state.waiting; place++) {
        if (state.ticket[place] !== ticket) continue
        state.withdraw(place)
        this.#listener.withdrew?.(place, ticket)
        happened = true
        break
      }
    }
    this.#withdrawn.length = 0
    for (let k = 0; k < this.#arrivals.length; k++) {
      const type = this.#arrivalTypes[k]!
      const ticket = this.#arrivals[k]!
      const accepted = state.arrive(type, ticket)
      this.#listener.arrived?.(ticket, type, accepted)
    }
    this.#arrivals.length = 0
    this.#arrivalTypes.length = 0
    return happened
  }

  #goDown(i: number): void {
    const { state } = this
    const { queued, queue } = state
    const places = this.#begun[i]!.map((ticket) => queued!.placeOf(i, queue[i]!, ticket))
    const begun = places.filter((place) => place >= 0).sort((a, b) => a - b)
    this.#begun[i] = NOTHING
    const lostBefore = state.lostCount
    const held = this.#listener.returned === undefined ? NOTHING : ticketsOf(state, i)
    state.goDown(i, begun)
    this.#listener.wentDown?.(i, begun)
    for (const ticket of held) {
      if (queued!.placeOf(i, queue[i]!, ticket) < 0) this.#listener.returned?.(ticket)
    }
    this.#tellLost(lostBefore)
  }

  #decide(): void {
    this.#offer()
    this.state.endOffers()
    this.#tellLost(0)
  }

  /** Offers heads of the inbox, one after the other, as long as they are claimed and more may be. */
  #offer(): void {
    const { state, decider, view } = this
    for (;;) {
      this.#beginStep()
      const claims = decider.decide()
      const ticket = state.waiting > 0 ? state.ticket[0]! : NONE
      let winner = NONE
      if (claims > 0) {
        winner = view.claimants[claims > 1 ? this.#winners.integer(claims) : 0]!
      }
      if (ticket !== NONE) this.#listener.decided?.(ticket, claims, winner)
      if (winner !== NONE) {
        state.award(winner, claims, this.#listener.quality?.(ticket, winner, state.type[0]!) ?? 0)
      }
      const isLast = claims === 0 || !state.offersMore
      // At events what a decision pays is of its moment, and what follows of the time that follows.
      if (!isLast || state.timed) this.#close(0)
      if (!isLast) continue
      if (state.timed) this.#beginStep()
      return
    }
  }

  /** The step under way is over. @param ticks - that end with it */
  #close(ticks: number): void {
    const to = this.state.timed ? this.time : this.#from
    this.#listener.stepped?.(this.rules.reward(this.state.quantities), ticks, this.#from, to)
  }

  #tellLost(from: number): void {
    const { lost, lostCount } = this.state
    for (let k = from; k < lostCount; k++) this.#listener.lost?.(lost[k]!)
  }
}

const NOTHING: readonly number[] = []

function ticketsOf({ queue, queued }: DispatchState, i: number): number[] {
  return Array.from({ length: queue[i]! }, (_, place) => queued!.at(i, place).ticket)
}
