import type { Env, EnvState } from './env.js'
import { LifecycleError, NonFiniteError, ShapeError, StateError } from './errors.js'
import type { PolicyBatch } from './policy.js'
import { Rng } from './rng.js'
import { allocateSlots, type SlotBuffers, type SlotNeeds } from './slot.js'
import type { SparseMatrix } from './sparse-matrix.js'
import type { EnvSpec, Layout } from './spec.js'

/** What a learner reads after a step: rewards and how each row went on, besides what policies read. */
export interface TransitionBatch extends PolicyBatch {
  readonly spec: EnvSpec
  /** f64 [E, N] */
  readonly reward: Float64Array
  /** u8 [E], of the step just taken. */
  readonly terminated: Uint8Array
  /** u8 [E], of the step just taken. */
  readonly truncated: Uint8Array
  /** u8 [E], terminated or truncated: the row was reset, its current views belong to the next episode. */
  readonly ended: Uint8Array
  /** f64 [E] */
  readonly elapsed: Float64Array
  /** u8 [E, N] */
  readonly alive: Uint8Array
  /** f64 [E, K] */
  readonly quantities: Float64Array
  /** i32 [E, N] */
  readonly featureRow: Int32Array
  /** f64 [E, N, A], of the step just taken; empty unless asked for and known. */
  readonly actionReward: Float64Array
  /** The last views of rows that ended; valid where `ended` is 1. Same shapes as the current ones. */
  readonly finalObservation: Float32Array
  readonly finalObservationId: Int32Array
  readonly finalMask: Uint8Array
  readonly finalState: Float32Array
  readonly finalStateId: Int32Array
  readonly finalFeatureRow: Int32Array
}

/** A saved `VectorEnv`: each row's environment, and the rows' episode counters. */
export interface VectorEnvState {
  readonly rows: readonly EnvState[]
  readonly episodeReturn: readonly number[]
  readonly finishedEpisodes: number
  readonly finishedReturn: number
}

/**
 * E environments over one buffer, stepped together, with same-step autoreset: a row that ended is reset within the
 * step, and its last observation stays readable in the final views. A step allocates nothing.
 */
export class VectorEnv implements TransitionBatch {
  readonly spec: EnvSpec
  readonly layout: Layout
  readonly size: number
  readonly observation: Float32Array
  readonly mask: Uint8Array
  readonly observationId: Int32Array
  readonly features?: SparseMatrix
  readonly featureRow: Int32Array
  readonly stateId: Int32Array
  readonly state: Float32Array
  readonly reward: Float64Array
  readonly actionReward: Float64Array
  readonly alive: Uint8Array
  readonly terminated: Uint8Array
  readonly truncated: Uint8Array
  readonly quantities: Float64Array
  readonly elapsed: Float64Array
  readonly ended: Uint8Array
  readonly finalObservation: Float32Array
  readonly finalObservationId: Int32Array
  readonly finalMask: Uint8Array
  readonly finalState: Float32Array
  readonly finalStateId: Int32Array
  readonly finalFeatureRow: Int32Array
  /** f64 [E], score of the episode so far, aggregated over agents as spec.score says, undiscounted. */
  readonly episodeReturn: Float64Array
  /** Episodes that ended since the counters were last cleared, and the sum of their scores. */
  finishedEpisodes = 0
  finishedReturn = 0

  readonly #envs: readonly Env[]
  readonly #buffers: SlotBuffers
  #rngs: readonly Rng[]
  readonly #scoreWeight: Float64Array
  readonly #keptReward: Float64Array
  readonly #keptQuantities: Float64Array
  /** Views of each row's actions, made anew only when the caller passes another array. */
  #actions: Int32Array | undefined
  #rowActions: Int32Array[] = []
  #running = false

  /**
   * @param make - makes one environment; called `size` times
   * @param size - number of rows E
   * @param seed - row e draws from the stream `seed/e`
   */
  constructor(make: () => Env, size: number, seed: string, needs: SlotNeeds = {}) {
    if (!Number.isInteger(size) || size < 1) throw new ShapeError(`VectorEnv: expected 1 or more rows, got ${size}`)
    this.#envs = Array.from({ length: size }, make)
    this.spec = this.#envs[0]!.spec
    this.size = size
    this.#buffers = allocateSlots(this.spec, size, needs)
    this.#envs.forEach((env, e) => {
      env.bind(this.#buffers.rows[e]!)
    })
    this.#rngs = Array.from({ length: size }, (_, e) => new Rng(`${seed}/${e}`))
    this.layout = this.#buffers.layout
    this.observation = this.#buffers.observation
    this.mask = this.#buffers.mask
    this.observationId = this.#buffers.observationId
    const { features } = this.#envs[0]!
    if (features !== undefined) this.features = features
    this.featureRow = this.#buffers.featureRow
    this.stateId = this.#buffers.stateId
    this.state = this.#buffers.state
    this.reward = this.#buffers.reward
    this.actionReward = this.#buffers.actionReward
    this.alive = this.#buffers.alive
    this.terminated = this.#buffers.terminated
    this.truncated = this.#buffers.truncated
    this.quantities = this.#buffers.quantities
    this.elapsed = this.#buffers.elapsed
    this.ended = new Uint8Array(size)
    this.finalObservation = new Float32Array(this.observation.length)
    this.finalObservationId = new Int32Array(this.observationId.length)
    this.finalMask = new Uint8Array(this.mask.length)
    this.finalState = new Float32Array(this.state.length)
    this.finalStateId = new Int32Array(size)
    this.finalFeatureRow = new Int32Array(this.featureRow.length)
    this.episodeReturn = new Float64Array(size)
    this.#scoreWeight = scoreWeights(this.spec)
    this.#keptReward = new Float64Array(this.layout.agents)
    this.#keptQuantities = new Float64Array(this.layout.numQuantities)
  }

  /**
   * Starts an episode in every row.
   * @param seed - row e draws from the stream `seed/(first + e)` from now on; without it the rows' streams go on
   */
  reset(seed?: string, first = 0): void {
    if (seed !== undefined) this.#rngs = this.#rngs.map((_, e) => new Rng(`${seed}/${first + e}`))
    for (let e = 0; e < this.size; e++) this.#envs[e]!.reset(this.#rngs[e]!)
    this.ended.fill(0)
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
   * @param actions - i32 [E, N]
   * @throws LifecycleError before the first reset
   * @throws NonFiniteError when an environment gives a reward that isn't a finite number
   */
  step(actions: Int32Array): void {
    if (!this.#running) throw new LifecycleError('VectorEnv.step: call reset first')
    if (actions !== this.#actions) this.#viewRows(actions)
    const n = this.layout.agents
    const { reward, terminated, truncated, ended, episodeReturn } = this
    const weight = this.#scoreWeight
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
      if (end !== 0) this.#finish(e)
    }
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
    this.ended.fill(0)
    this.episodeReturn.set(state.episodeReturn)
    this.finishedEpisodes = state.finishedEpisodes
    this.finishedReturn = state.finishedReturn
    this.#running = true
  }

  #viewRows(actions: Int32Array): void {
    const n = this.layout.agents
    if (actions.length !== this.size * n) {
      throw new ShapeError(`VectorEnv.step: expected ${this.size} x ${n} actions, got ${actions.length}`)
    }
    this.#actions = actions
    this.#rowActions = Array.from({ length: this.size }, (_, e) => actions.subarray(e * n, (e + 1) * n))
  }

  #finish(e: number): void {
    const { layout } = this
    const n = layout.agents
    const a = n * layout.numActions
    const o = this.observation.length / this.size
    const g = this.state.length / this.size
    for (let k = e * o; k < (e + 1) * o; k++) this.finalObservation[k] = this.observation[k]!
    for (let k = e * g; k < (e + 1) * g; k++) this.finalState[k] = this.state[k]!
    for (let k = e * a; k < (e + 1) * a; k++) this.finalMask[k] = this.mask[k]!
    for (let k = e * n; k < (e + 1) * n; k++) {
      this.finalObservationId[k] = this.observationId[k]!
      this.finalFeatureRow[k] = this.featureRow[k]!
    }
    this.finalStateId[e] = this.stateId[e]!
    this.finishedEpisodes++
    this.finishedReturn += this.episodeReturn[e]!
    this.episodeReturn[e] = 0
    this.#resetRow(e)
  }

  /** Resets one row; what the last step earned and how it ended stays readable. */
  #resetRow(e: number): void {
    const slot = this.#buffers.rows[e]!
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
    const rewards = [...this.#buffers.rows[e]!.reward].join(', ')
    throw new NonFiniteError(
      `${this.spec.id}: row ${e} gave the reward [${rewards}], expected finite numbers; check the environment's reward`,
    )
  }
}

/** Weight of each agent's reward in the team score. */
export function scoreWeights(spec: EnvSpec): Float64Array {
  const n = spec.agents.length
  if (spec.score.aggregate === 'shared') return Float64Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0))
  return new Float64Array(n).fill(spec.score.aggregate === 'team-sum' ? 1 : 1 / n)
}
