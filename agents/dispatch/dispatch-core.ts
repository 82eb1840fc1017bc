import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { DispatchState, NONE } from '#env/routing-dispatch/dispatch-state.js'
import { DispatchView } from '#env/routing-dispatch/dispatch-view.js'
import { type DispatchRules, dispatchRules } from '#env/routing-dispatch/rules.js'
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
  /** A query is back in the inbox, since its agent went down. */
  returned?(ticket: number): void
  /** A query left the inbox. @param place - where it was */
  withdrew?(place: number, ticket: number): void
  /** Other rules hold from now on, before the next decision. */
  adopted?(): void
  /** A decision was made on the head of the inbox, which is still there: `claims` claim it, `winner` will get it, NONE where nobody does. */
  decided?(ticket: number, claims: number, winner: number): void
  /** A query is given up: out of patience, or given back without patience or place. */
  lost?(ticket: number): void
  /** A step is over. @param reward - of it, as far as the qualities are known */
  stepped?(reward: number): void
}

/** How a core draws, and what it is told. */
export interface CoreOptions {
  /** Of the draws of winners, of the policy and of exploration. */
  readonly seed: string
  /** Chance that a decision explores. Default 0. */
  readonly epsilon?: number
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

  constructor(config: RoutingDispatchConfig, policy: Policy, options: CoreOptions) {
    const rules = dispatchRules(config)
    this.#config = config
    this.state = new DispatchState(rules, true)
    this.view = new DispatchView(config, rules, stateIndex(config, rules), this.state)
    this.decider = new Decider(policy, this.view, { seed: `${options.seed}/policy`, epsilon: options.epsilon ?? 0 })
    this.#listener = options.listener ?? {}
    this.#winners = new Rng(`${options.seed}/winners`)
    const n = this.rules.numAgents
    this.#finished = Array.from({ length: n }, () => [])
    this.#change = new Int8Array(n).fill(NONE)
    this.#begun = Array.from({ length: n }, () => NOTHING)
    this.#decide()
  }

  get rules(): DispatchRules {
    return this.state.rules
  }

  /** Ticks that are over: the first decision lies before any of them. */
  get ticks(): number {
    return this.state.tick - 1
  }

  /**
   * Goes on by other numbers from the next decision: prices, values, losses, services, costs.
   * @throws StateError where they are another team's
   */
  adopt(config: RoutingDispatchConfig): void {
    // Refused now, not at the next boundary.
    checkSameTeam(this.#config, config)
    const rules = dispatchRules(config)
    new DispatchState(this.rules).adopt(rules)
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
    this.#decide()
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
    this.#close()
    if (this.#adopted !== null) {
      this.state.adopt(this.#adopted)
      this.#adopted = null
      this.#listener.adopted?.()
    }
    this.#decide()
  }

  #takeIn(): void {
    const { state } = this
    const { queued, queue } = state
    for (let i = 0; i < queue.length; i++) {
      const finished = this.#finished[i]!
      while (finished.length > 0) {
        const ticket = finished.shift()!
        const place = queued!.placeOf(i, queue[i]!, ticket)
        // One that was given back meanwhile isn't in the queue any more.
        if (place < 0) continue
        state.complete(i, place)
        this.#listener.completed?.(i, place, ticket)
        break
      }
    }
    for (let i = 0; i < queue.length; i++) {
      const change = this.#change[i]!
      if (change === NONE) continue
      if (change === 1 && state.down[i] === 0) this.#goDown(i)
      if (change === 0 && state.down[i] === 1) {
        state.comeUp(i)
        this.#listener.cameUp?.(i)
      }
      this.#change[i] = NONE
    }
    for (const ticket of this.#withdrawn) {
      for (let place = 0; place < state.waiting; place++) {
        if (state.ticket[place] !== ticket) continue
        state.withdraw(place)
        this.#listener.withdrew?.(place, ticket)
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
    const lost = new Set(state.lost.subarray(lostBefore, state.lostCount))
    for (const ticket of held) {
      if (lost.has(ticket) || queued!.placeOf(i, queue[i]!, ticket) >= 0) continue
      this.#listener.returned?.(ticket)
    }
    this.#tellLost(lostBefore)
  }

  #decide(): void {
    const { state, decider, view } = this
    for (;;) {
      state.beginStep()
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
      if (claims === 0 || !state.offersMore) break
      this.#close()
    }
    state.endOffers()
    this.#tellLost(0)
  }

  #close(): void {
    this.#listener.stepped?.(this.rules.reward(this.state.quantities))
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
