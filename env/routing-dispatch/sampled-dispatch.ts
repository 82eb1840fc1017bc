import { Env, type EnvState } from '../env.js'
import type { Json } from '../json.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import type { EnvSpec } from '../spec.js'
import { readInjected } from '../trace/trace-contract.js'
import type { ArrivalTrace } from './arrival-trace.js'
import { type Arrivals, arrivalsOf } from './arrivals.js'
import { type RoutingDispatchConfig, resolveInstance } from './config.js'
import { DispatchState } from './dispatch-state.js'
import { DispatchView } from './dispatch-view.js'
import {
  applyGiven,
  type DispatchEvents,
  dispatchEvents,
  dispatchInitial,
  givenWinner,
  placeInitial,
} from './events.js'
import { type DispatchRules, dispatchRules } from './rules.js'
import { loadQueues, type SavedQueues, saveQueues } from './saved-queues.js'
import { type StateIndex, stateIndex } from './state-index.js'
import { whySampled } from './why-sampled.js'

/**
 * A team of LLM agents with their own queues answers queries from one inbox.
 *
 * State: the queries in the inbox (type, decisions left), and each agent's queue length and whether it is up.
 * Actions, decentralised: 0 pass, 1 claim, legal when there is a query and the agent takes its type, is up and has room in its
 * queue; all agents choose at once. Centralised: one dispatcher, 0 pass, i + 1 gives the query to agent i. An action that the
 * mask forbids counts as a pass.
 * Observation: see `Observer`; `observation` in the config chooses what agents see.
 *
 * A tick: (1) choices on the head of the inbox; (2) of c >= 1 valid claims a uniform winner takes the query: value *
 * Bernoulli(skill) - price - conflict * (c - 1), its queue grows; where `offersPerTick` allows, the next head is offered: a step of
 * its own, which takes no time; what isn't claimed ages, at its last decision it expires (loss), else it waits (wait);
 * (3) hold a queued query; (4) each agent that was up serves (its queue falls by 1 with the chance of its service), then
 * may fail, which gives its queue back where `onDown` says so; each that was down may be repaired; (5) arrivals, turned away (loss)
 * where the inbox has no place. The rules are those of `DispatchState`.
 * Draws in this order: winner (only if c >= 2), success (only if claimed), per agent service (only if up with a queue)
 * then failure or repair, arrivals.
 *
 * Reward: shared by all, the config's expression over `quantities`. Start: no query, queues empty, all up. Never
 * terminates; truncated after `limitSteps` decisions.
 * Versions: 1, first. Places of the inbox, priorities, offers, giving back, other arrivals and services came later, as settings
 * whose defaults change nothing.
 */
export class SampledDispatch extends Env {
  readonly spec: EnvSpec
  protected readonly rules: DispatchRules
  protected readonly index: StateIndex
  protected readonly state: DispatchState
  protected readonly view: DispatchView
  protected slot!: Slot
  readonly #limitSteps: number
  readonly #arrivals: Arrivals
  /** f64 [N, T], and [N] each. */
  readonly #skill: Float64Array
  readonly #fail: Float64Array
  readonly #repair: Float64Array
  /** f64 [N], chance a tick that the query in service is finished, where no service remembers how long it has taken; else null. */
  readonly #chance: Float64Array | null
  /** i32 [N], ticks that the query in service has been there. */
  readonly #served: Int32Array
  /** Types of a tick's arrivals. */
  readonly #arriving: number[] = []
  #rng!: Rng
  #stepsTaken = 0
  /** What happens in the next step instead of what would be drawn. */
  #given: DispatchEvents | null = null

  /** @param recording - of the arrivals, where the config names one; without it, it only plays events that are given */
  constructor(config: RoutingDispatchConfig, recording?: ArrivalTrace) {
    super()
    const { agents, types } = resolveInstance(config)
    this.rules = dispatchRules(config)
    this.index = stateIndex(config, this.rules)
    this.state = new DispatchState(this.rules)
    this.view = new DispatchView(config, this.rules, this.index, this.state)
    const noModel = whySampled(config)
    this.spec = noModel === null ? this.view.spec : { ...this.view.spec, noModel }
    this.#limitSteps = config.limitSteps ?? Number.POSITIVE_INFINITY
    this.#arrivals = arrivalsOf(config, recording)
    this.#skill = Float64Array.from(agents.flatMap((agent) => agent.skill.slice(0, types.length)))
    this.#fail = Float64Array.from(agents, (agent) => agent.fail)
    this.#repair = Float64Array.from(agents, (agent) => agent.repair)
    const { service } = this.rules
    this.#chance = service.every(({ hazard }) => hazard.length === 1)
      ? Float64Array.from(service, ({ hazard }) => hazard[0]!)
      : null
    this.#served = new Int32Array(agents.length)
  }

  override bind(slot: Slot): void {
    this.slot = slot
    this.state.quantities = slot.quantities
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.restart()
    this.#arrivals.reset(rng)
    this.writeView()
  }

  override step(actions: Int32Array): void {
    const rng = this.#rng
    const { state, rules } = this
    const given = this.#given
    state.beginStep()
    const claims = this.view.readClaims(actions)
    if (claims > 0) {
      const { claimants } = this.view
      const winner =
        given === null ? claimants[claims > 1 ? rng.integer(claims) : 0]! : givenWinner(given, claimants, claims)
      const skill = this.#skill[winner * rules.numTypes + state.type[0]!]!
      const good = given === null ? (rng.uniform() < skill ? 1 : 0) : Number(given.good)
      state.award(winner, claims, good)
    }
    const goesOn = claims > 0 && state.offersMore
    if (!goesOn) {
      state.endOffers()
      if (given === null) this.#drawEvents(rng)
      else applyGiven(state, given)
    }
    if (rules.offersPerTick > 1) this.slot.elapsed[0] = goesOn ? 0 : 1

    const { reward } = this.slot
    const shared = rules.reward(state.quantities)
    for (let i = 0; i < reward.length; i++) reward[i] = shared
    this.#given = null
    this.#stepsTaken++
    this.writeView()
  }

  override saveState(): EnvState {
    const { state } = this
    return {
      ...saveQueues(state),
      served: [...this.#served],
      arrivals: this.#arrivals.place,
      stepsTaken: this.#stepsTaken,
      rng: this.#rng === undefined ? [] : [...this.#rng.saveState()],
    }
  }

  override loadState(saved: EnvState): void {
    const { served, arrivals, stepsTaken, rng } = saved as { [key: string]: number } & { served: number[] }
    loadQueues(this.state, saved as unknown as SavedQueues)
    this.#rng ??= new Rng('')
    if ((rng as unknown as number[]).length > 0) this.#rng.loadState(rng as unknown as RngState)
    this.#served.set(served)
    this.#arrivals.restore(arrivals!)
    this.#stepsTaken = stepsTaken!
    this.#given = null
    this.writeView()
  }

  override injectInitial(json: Json): void {
    const where = 'routing-dispatch.injectInitial'
    this.restart()
    placeInitial(this.state, readInjected(dispatchInitial, json, where), where)
    this.#arrivals.restore(0)
    this.writeView()
  }

  override applyEvents(json: Json): void {
    this.#given = readInjected(dispatchEvents, json, 'routing-dispatch.applyEvents')
  }

  /** Steps 4 and 5 of a tick. */
  #drawEvents(rng: Rng): void {
    const { state, rules } = this
    const { queue, down } = state
    const chance = this.#chance
    const fail = this.#fail
    const repair = this.#repair
    for (let i = 0; i < queue.length; i++) {
      if (down[i] === 0) {
        if (queue[i]! > 0) {
          if (chance === null) this.#serve(i, rng)
          else if (rng.uniform() < chance[i]!) state.complete(i)
        }
        if (rng.uniform() < fail[i]!) {
          state.goDown(i)
          if (rules.givesBack) this.#served[i] = 0
        }
      } else if (rng.uniform() < repair[i]!) {
        state.comeUp(i)
      }
    }
    const arriving = this.#arriving
    const count = this.#arrivals.draw(rng, arriving)
    for (let k = 0; k < count; k++) state.arrive(arriving[k]!)
  }

  #serve(i: number, rng: Rng): void {
    const { hazard } = this.rules.service[i]!
    const ticks = this.#served[i]!
    const last = hazard.length - 1
    if (rng.uniform() < hazard[ticks < last ? ticks : last]!) {
      this.state.complete(i)
      this.#served[i] = 0
    } else {
      this.#served[i] = ticks + 1
    }
  }

  /** Back to the start, nothing written to the view yet. */
  protected restart(): void {
    this.state.reset()
    this.#served.fill(0)
    this.#stepsTaken = 0
    this.#given = null
    this.slot.reward.fill(0)
  }

  protected writeView(): void {
    const { slot } = this
    slot.terminated[0] = 0
    slot.truncated[0] = this.#stepsTaken >= this.#limitSteps ? 1 : 0
    this.view.write(slot)
  }
}
