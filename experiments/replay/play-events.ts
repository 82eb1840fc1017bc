import { BatchMeans } from '#agents/dispatch/batch-means.js'
import { discountedReward } from '#agents/dispatch/discounted-reward.js'
import { Discounting } from '#agents/dispatch/discounting.js'
import type { EventFields, SettingsFields } from '#agents/dispatch/dispatch-lines.js'
import { StateError } from '#env/errors.js'
import { resolveInstance } from '#env/routing-dispatch/config.js'
import { DispatchState } from '#env/routing-dispatch/dispatch-state.js'
import { applyGiven, dispatchEvents, givenWinner } from '#env/routing-dispatch/events.js'
import { dispatchRules } from '#env/routing-dispatch/rules.js'
import { isWithinTick } from '#env/routing-dispatch/whole-ticks.js'
import { LoggedClaims, loggedConfig, type Played, type Run, shownState } from './run.js'

type Offer = NonNullable<EventFields['offers']>[number]

/**
 * Drives the rules of the environment with a run whose decisions were made at events: time passes as the log tells, in ms.
 * @param scores - by request, how good its answer was
 */
export function playEvents(run: Run, scores: ReadonlyMap<string, number>): Played {
  const player = new EventPlayer(run, scores)
  let difference: string | null = null
  for (const { kind, fields } of run.lines) {
    if (kind === 'tick') continue
    try {
      if (kind === 'settings') player.adopt(fields)
      else difference = player.moment(fields)
    } catch (error) {
      if (!(error instanceof StateError)) throw error
      difference = `${fields.ms} ms: ${error.message}`
    }
    if (difference !== null) break
  }
  if (difference === null && run.stop?.ms !== undefined) player.end(run.stop.ms)
  const { means, discounted, decisions, states, claims } = player
  return { difference, means, discounted, decisions, states, unjudged: claims.unjudged, claimed: claims.requests }
}

class EventPlayer {
  readonly means = new BatchMeans()
  readonly claims: LoggedClaims
  discounted = 0
  decisions = 0
  states = 0
  readonly #state: DispatchState
  readonly #discounting: Discounting
  #agents: ReturnType<typeof resolveInstance>['agents']
  /** Earned in the tick under way; when what is counted now began, ticks since the start. */
  #open = 0
  #from = 0
  /** Whether anything of that tick is over, or anything was claimed in it. */
  #isBegun = false
  /** Queries that were lost when settings were taken over: the line of that moment has them. */
  #lost = 0

  constructor(run: Run, scores: ReadonlyMap<string, number>) {
    const { start } = run
    const config = loggedConfig(start.environment)
    this.claims = new LoggedClaims(run, scores)
    this.#state = new DispatchState(dispatchRules(config), true, true)
    this.#state.beginStep()
    this.#discounting = new Discounting(start.discount ?? 0)
    this.#agents = resolveInstance(config).agents
  }

  /** Other settings hold, before anything else happens at their moment. @throws StateError where they can't */
  adopt({ ms, environment, discount }: SettingsFields): void {
    const config = loggedConfig(environment)
    this.#lost += this.passTo(ms ?? Number.NaN)
    this.#state.adopt(dispatchRules(config))
    this.#agents = resolveInstance(config).agents
    if (discount !== undefined) this.#discounting.change(discount, this.#from)
  }

  /** Goes through what happened at a moment. @returns what differs; null where nothing does @throws StateError where it can't happen */
  moment({ ms, events, state: logged, offers = [], lost = [] }: EventFields): string | null {
    const state = this.#state
    const before = state.tick
    state.passTo(ms)
    applyGiven(state, dispatchEvents.parse(events))
    const gone = this.#lost + state.lostCount
    this.#lost = 0
    if (gone !== lost.length) return `${ms} ms: the log has ${lost.length} lost queries, the environment ${gone}`
    this.#close(state.tick - before)
    if (logged !== undefined) {
      const expected = JSON.stringify(logged)
      const found = JSON.stringify(shownState(state))
      if (expected !== found) return `${ms} ms: the log has the state ${expected}, the environment ${found}`
      this.states++
    }
    for (const offer of offers) {
      this.#offer(offer)
      this.#close(0)
    }
    return null
  }

  /** Time passes in which nothing happens. @returns how many queries are lost */
  passTo(ms: number): number {
    const state = this.#state
    const before = state.tick
    state.passTo(ms)
    const lost = state.lostCount
    this.#close(state.tick - before)
    return lost
  }

  /** Time ends. */
  end(ms: number): void {
    this.passTo(ms)
    if (this.#isBegun) this.means.push(this.#open)
  }

  #offer(offer: Offer): void {
    const state = this.#state
    this.decisions++
    const { request, winner } = offer
    if (state.waiting === 0) throw new StateError(`request ${request} is offered, and nothing waits`)
    state.findEligible()
    const stranger = offer.claims.find((agent) => state.eligible[agent] !== 1)
    if (stranger !== undefined)
      throw new StateError(`request ${request}: agent ${stranger} can't claim it in this state`)
    if (winner === null) return
    givenWinner(dispatchEvents.parse({ winner }), Int32Array.from(offer.claims), offer.claims.length)
    this.#isBegun = true
    const skill = this.#agents[winner]!.skill[state.type[0]!]!
    state.award(winner, offer.claims.length, this.claims.goodOf(offer, skill))
  }

  /** The step under way is over, and the next begins. @param ticks - that end with it */
  #close(ticks: number): void {
    const state = this.#state
    const { rules, quantities } = state
    const to = state.now / rules.tickMs
    this.#open += rules.reward(quantities)
    this.discounted += discountedReward(rules, quantities, this.#discounting, this.#from, to)
    this.#isBegun ||= to > this.#from
    if (ticks > 0) {
      this.means.push(this.#open)
      if (ticks > 1) this.means.pass(ticks - 1)
      this.#open = 0
      this.#isBegun = isWithinTick(to)
    }
    state.beginStep()
    this.#from = to
  }
}
