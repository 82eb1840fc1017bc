import type { Rng } from '#env/rng.js'
import type { ArrivalTrace } from '#env/routing-dispatch/arrival-trace.js'
import { type Arrivals, arrivalsOf } from '#env/routing-dispatch/arrivals.js'
import { type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'
import type { DispatchCore } from '../dispatch/dispatch-core.js'

/**
 * The world around a dispatcher, simulated in virtual time: at each tick the agents that are up may finish a query, fail, or come
 * up again, and queries arrive, all as the settings of routing-dispatch say. Answers are good by skill.
 */
export class VirtualTeam {
  readonly #core: DispatchCore
  readonly #rng: Rng
  readonly #skill: Float64Array
  readonly #fail: Float64Array
  readonly #repair: Float64Array
  readonly #arrivals: Arrivals
  readonly #arriving: number[] = []
  /** i32 [N], ticks that the query in service has been there. */
  readonly #served: Int32Array
  #ticket = 0

  /**
   * @param core - a fresh one, made from the same settings, whose listener asks `quality` here
   * @param recording - of the arrivals, where the settings name one
   * @throws UsageError where they name one and it isn't given
   */
  constructor(config: RoutingDispatchConfig, core: DispatchCore, rng: Rng, recording?: ArrivalTrace) {
    const { agents } = resolveInstance(config)
    this.#core = core
    this.#rng = rng
    this.#skill = Float64Array.from(agents.flatMap((agent) => agent.skill))
    this.#fail = Float64Array.from(agents, (agent) => agent.fail)
    this.#repair = Float64Array.from(agents, (agent) => agent.repair)
    this.#arrivals = arrivalsOf(config, recording)
    this.#arrivals.reset(rng)
    this.#served = new Int32Array(agents.length)
  }

  /** Begins anew, and so does the core: recorded arrivals at their first tick or at a drawn one, as the settings say. */
  restart(): void {
    this.#core.restart()
    this.#served.fill(0)
    this.#arrivals.reset(this.#rng)
  }

  /** How good an agent's answer to a query is: drawn, 0 or 1. */
  quality(agent: number, type: number): number {
    return this.#rng.uniform() < this.#skill[agent * this.#core.rules.numTypes + type]! ? 1 : 0
  }

  /** What happens until the next boundary, and that boundary. */
  tick(): void {
    const core = this.#core
    const { state, rules } = core
    const rng = this.#rng
    for (let i = 0; i < rules.numAgents; i++) {
      if (state.down[i] === 1) {
        if (rng.uniform() < this.#repair[i]!) core.up(i)
        continue
      }
      if (state.queue[i]! > 0) this.#serve(i)
      if (rng.uniform() < this.#fail[i]!) {
        core.down(i)
        if (rules.givesBack) this.#served[i] = 0
      }
    }
    const count = this.#arrivals.draw(rng, this.#arriving)
    for (let k = 0; k < count; k++) core.arrive(this.#arriving[k]!, this.#ticket++)
    if (this.#ticket > 1_000_000_000) this.#ticket = 0
    core.boundary()
  }

  #serve(i: number): void {
    const { state, rules } = this.#core
    const { hazard } = rules.service[i]!
    const ticks = this.#served[i]!
    if (this.#rng.uniform() < hazard[Math.min(ticks, hazard.length - 1)]!) {
      this.#core.complete(i, state.queued!.at(i, 0).ticket)
      this.#served[i] = 0
    } else {
      this.#served[i] = ticks + 1
    }
  }
}
