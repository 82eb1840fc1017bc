import { allocateViews, type ViewBlock } from './agent-views.js'
import type { Env, EnvState } from './env.js'
import { IllegalActionError, LifecycleError, NonFiniteError, ShapeError, StateError } from './errors.js'
import { Rng } from './rng.js'
import { allocateSlots, type SlotBuffers, type SlotNeeds } from './slot.js'
import { type EnvSpec, type Layout, scoreWeights } from './spec.js'
import type { AgentViews, TransitionBatch } from './transition-batch.js'

/** A saved `VectorEnv`: each row's environment, and the rows' episode counters. */
export interface VectorEnvState {
  readonly rows: readonly EnvState[]
  readonly episodeReturn: readonly number[]
  readonly finishedEpisodes: number
  readonly finishedReturn: number
}

/**
 * E environments over one buffer, stepped together, with same-step autoreset: a row that ended is reset within the step.
 * Agents choose on `current`; `step` gives back the whole transition, in which what follows is as it was before any reset. A
 * step allocates nothing.
 */
export class VectorEnv {
  readonly spec: EnvSpec
  readonly layout: Layout
  readonly size: number
  /** What the agents see now; rows that ended have begun anew. */
  readonly current: AgentViews
  /** The step taken last: what `step` returns. */
  readonly transition: TransitionBatch
  /** f64 [E], score of the episode so far, aggregated over agents as spec.score says, undiscounted. */
  readonly episodeReturn: Float64Array
  /** Episodes that ended since the counters were last cleared, and the sum of their scores. */
  finishedEpisodes = 0
  finishedReturn = 0

  readonly #envs: readonly Env[]
  /** What the environments write into: what agents see now. */
  readonly #slots: SlotBuffers
  #rngs: readonly Rng[]
  readonly #scoreWeight: Float64Array
  readonly #keptReward: Float64Array
  readonly #keptQuantities: Float64Array
  readonly #before: ViewBlock
  readonly #after: ViewBlock
  readonly #actions: Int32Array
  readonly #rowActions: readonly Int32Array[]
  readonly #ended: Uint8Array
  /** 1 where every agent makes as many choices as any other, so that each entry of the actions is somebody's. */
  readonly #madeByAll: number
  #running = false

  /**
   * @param make - makes one environment; called `size` times
   * @param size - number of rows E
   * @param seed - row e draws from the stream `seed/e`
   */
  constructor(make: () => Env, size: number, seed: string, needs: SlotNeeds = {}) {
    if (!Number.isInteger(size) || size < 1) throw new ShapeError(`VectorEnv: expected 1 or more rows, got ${size}`)
    this.#envs = Array.from({ length: size }, make)
    const { spec, features } = this.#envs[0]!
    this.spec = spec
    this.size = size
    this.#slots = allocateSlots(spec, size, needs, features)
    const { layout } = this.#slots
    this.layout = layout
    this.#envs.forEach((env, e) => {
      env.bind(this.#slots.rows[e]!)
    })
    this.#rngs = Array.from({ length: size }, (_, e) => new Rng(`${seed}/${e}`))
    const choices = layout.agents * layout.heads
    this.#actions = new Int32Array(size * choices)
    this.#rowActions = Array.from({ length: size }, (_, e) => this.#actions.subarray(e * choices, (e + 1) * choices))
    this.#ended = new Uint8Array(size)
    this.#madeByAll = layout.actionsOf.includes(0) ? 0 : 1
    this.episodeReturn = new Float64Array(size)
    this.#scoreWeight = scoreWeights(spec)
    this.#keptReward = new Float64Array(layout.agents)
    this.#keptQuantities = new Float64Array(layout.numQuantities)
    const { views } = this.#slots.seen
    this.current = views
    const perAgent = views.observation.length / (size * layout.agents)
    const widths = { observationSize: perAgent, stateSize: views.state.length / size }
    this.#before = allocateViews(layout, size, widths, features)
    this.#after = allocateViews(layout, size, widths, features)
    const { reward, actionReward, terminated, truncated, elapsed, quantities } = this.#slots
    this.transition = {
      spec,
      layout,
      size,
      before: this.#before.views,
      actions: this.#actions,
      reward,
      actionReward,
      after: this.#after.views,
      terminated,
      truncated,
      ended: this.#ended,
      elapsed,
      quantities,
    }
  }

  /**
   * Starts an episode in every row.
   * @param seed - row e draws from the stream `seed/(first + e)` from now on; without it the rows' streams go on
   */
  reset(seed?: string, first = 0): void {
    if (seed !== undefined) this.#rngs = this.#rngs.map((_, e) => new Rng(`${seed}/${first + e}`))
    for (let e = 0; e < this.size; e++) this.#envs[e]!.reset(this.#rngs[e]!)
    this.#ended.fill(0)
    this.episodeReturn.fill(0)
    this.clearCounters()
    this.#running = true
  }

  /** Forgets the finished episodes. */
  clearCounters(): void {
    this.finishedEpisodes = 0
    this.finishedReturn = 0
  }

  /**
   * One joint action in every row.
   * @param actions - i32 [E, N, H], chosen on `current`; those of agents that don't act become 0, whatever they are
   * @returns the transition, the same object every time
   * @throws LifecycleError before the first reset
   * @throws IllegalActionError when an agent that acts has a negative action
   * @throws NonFiniteError when an environment gives a reward that isn't a finite number
   */
  step(actions: Int32Array): TransitionBatch {
    if (!this.#running) throw new LifecycleError('VectorEnv.step: call reset first')
    this.#take(actions)
    const { transition, episodeReturn } = this
    const { reward, terminated, truncated } = transition
    const { bytes } = this.#slots.seen
    this.#before.bytes.set(bytes)
    const n = this.layout.agents
    const weight = this.#scoreWeight
    const ended = this.#ended
    let someEnded = 0
    for (let e = 0; e < this.size; e++) {
      this.#envs[e]!.step(this.#rowActions[e]!)
      let score = 0
      for (let i = 0; i < n; i++) {
        const r = reward[e * n + i]!
        if (!(Math.abs(r) < Number.POSITIVE_INFINITY)) this.#refuseReward(e)
        score += weight[i]! * r
      }
      episodeReturn[e] = episodeReturn[e]! + score
      const end = terminated[e]! | truncated[e]!
      ended[e] = end
      someEnded |= end
    }
    this.#after.bytes.set(bytes)
    if (someEnded !== 0) this.#beginAnew()
    return transition
  }

  saveState(): VectorEnvState {
    return {
      rows: this.#envs.map((env) => env.saveState()),
      episodeReturn: [...this.episodeReturn],
      finishedEpisodes: this.finishedEpisodes,
      finishedReturn: this.finishedReturn,
    }
  }

  /** Goes on from a saved state. @throws StateError when the number of rows differs */
  loadState(state: VectorEnvState): void {
    if (state.rows.length !== this.size) {
      throw new StateError(`VectorEnv.loadState: ${state.rows.length} rows saved, ${this.size} rows here`)
    }
    this.#envs.forEach((env, e) => {
      // A reset hands the row's generator over; loading then sets its state.
      env.reset(this.#rngs[e]!)
      env.loadState(state.rows[e]!)
    })
    this.#ended.fill(0)
    this.episodeReturn.set(state.episodeReturn)
    this.finishedEpisodes = state.finishedEpisodes
    this.finishedReturn = state.finishedReturn
    this.#running = true
  }

  /** Copies the actions; those of agents that don't act become 0. */
  #take(actions: Int32Array): void {
    const own = this.#actions
    if (actions.length !== own.length) {
      const expected = own.length / this.size
      throw new ShapeError(`VectorEnv.step: expected ${this.size} x ${expected} actions, got ${actions.length}`)
    }
    own.set(actions)
    let signs = 0
    for (let k = 0; k < own.length; k++) signs |= own[k]!
    const { alive } = this.current
    let everybody = this.#madeByAll
    for (let k = 0; k < alive.length; k++) everybody &= alive[k]!
    if (signs >= 0 && everybody === 1) return
    for (let k = 0; k < own.length; k++) if (own[k] !== 0) own[k] = this.#actionOf(k, own[k]!)
  }

  /** @returns 0 where the choice isn't anybody's to make now */
  #actionOf(k: number, action: number): number {
    const { heads, agents } = this.layout
    const agent = Math.floor(k / heads)
    if (this.current.alive[agent] !== 1 || this.layout.actionsOf[k % (agents * heads)] === 0) return 0
    if (action >= 0) return action
    throw new IllegalActionError(
      `VectorEnv.step: row ${Math.floor(agent / agents)}, agent "${this.spec.agents[agent % agents]!.name}" acts and has the action ${action}; expected one of its legal actions (-1 is for agents that don't act)`,
    )
  }

  /** Counts the rows that ended and resets them; what their last step earned and led to stays in the transition. */
  #beginAnew(): void {
    for (let e = 0; e < this.size; e++) {
      if (this.#ended[e] === 0) continue
      this.finishedEpisodes++
      this.finishedReturn += this.episodeReturn[e]!
      this.episodeReturn[e] = 0
      this.#resetRow(e)
    }
  }

  /** Resets one row; what the last step earned and how it ended stays readable. */
  #resetRow(e: number): void {
    const slot = this.#slots.rows[e]!
    const n = this.layout.agents
    const k = this.layout.numQuantities
    const terminated = slot.terminated[0]!
    const truncated = slot.truncated[0]!
    const elapsed = slot.elapsed[0]!
    for (let i = 0; i < n; i++) this.#keptReward[i] = slot.reward[i]!
    for (let q = 0; q < k; q++) this.#keptQuantities[q] = slot.quantities[q]!
    this.#envs[e]!.reset(this.#rngs[e]!)
    slot.terminated[0] = terminated
    slot.truncated[0] = truncated
    slot.elapsed[0] = elapsed
    for (let i = 0; i < n; i++) slot.reward[i] = this.#keptReward[i]!
    for (let q = 0; q < k; q++) slot.quantities[q] = this.#keptQuantities[q]!
  }

  #refuseReward(e: number): never {
    const rewards = [...this.#slots.rows[e]!.reward].join(', ')
    throw new NonFiniteError(
      `${this.spec.id}: row ${e} gave the reward [${rewards}], expected finite numbers; check the environment's reward`,
    )
  }
}
