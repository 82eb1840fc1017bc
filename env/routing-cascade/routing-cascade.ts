import { Env, type EnvState } from '../env.js'
import { LifecycleError, StateError } from '../errors.js'
import { type CompiledExpression, compileExpression } from '../expression/reward-expression.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { SparseMatrix } from '../sparse-matrix.js'
import type { EnvSpec } from '../spec.js'
import { answerReward } from './answer-reward.js'
import { addCascadeOutcomes } from './cascade-outcomes.js'
import type { CascadeWorld } from './cascade-world.js'
import { type RoutingCascadeConfig, STOP } from './config.js'
import { bestAnswer, type ProgressCodes, progressCodes } from './progress-codes.js'
import { ANSWERED, CALLED, COST, LATENCY, QUALITY, quantities, quantityNames, WAITED } from './quantities.js'
import { IndependentOrder, type QueryOrder, ShuffledOrder } from './query-order.js'
import { waitedMs } from './waited-time.js'

export const ROUTING_CASCADE_VERSION = '1'

/** Most states that are numbered. */
const MOST_STATES = 5_000_000

/** Query number at the end of an episode. */
const DONE = -1

/**
 * A query, and M models to answer it: at each step call one more model, or stop with the best answer so far. With one call
 * a query (`maxCalls` 1) an episode is one choice: the routing between models of the literature.
 *
 * State: the query, and for each model whether it was called and whether its self-check passed.
 * Actions: m calls model m, legal once a query; M stops, there only where maxCalls > 1 and legal after a call. The query is
 * answered when stopping, or with call number maxCalls.
 * After a call a self-check is seen: it passes with falsePositive + (truePositive - falsePositive) * quality.
 * The answer that counts is that of the last model in the list whose check passed, or else of the last one called.
 * Observation: [M] called, [M] check passed, calls made over maxCalls; in a profile also the type, one-hot. With an outcome table the
 * encoded text is the feature row.
 * Queries: the rows of the table, each with the recorded quality, price and latency; or the types of a profile, where an
 * answer is right with the model's skill.
 * Reward: the config's expression over `quantities`. Start: a query, nothing called. Terminates with the answer.
 * Draws in this order: query (reset); per call success (profile only), then the check (only where maxCalls > 1).
 * Rewards of all actions are known where an episode is one choice and the table records every model's answer.
 * Versions: 1, first.
 */
export class RoutingCascade extends Env {
  readonly spec: EnvSpec
  declare readonly features?: SparseMatrix
  readonly #world: CascadeWorld
  readonly #reward: CompiledExpression
  readonly #answerReward: ReturnType<typeof answerReward>
  readonly #truePositive: number
  readonly #falsePositive: number
  readonly #maxCalls: number
  readonly #numModels: number
  readonly #numTypes: number
  readonly #codes: ProgressCodes | null
  readonly #order: QueryOrder
  #slot: Slot | undefined
  #rng: Rng | undefined
  #query = DONE
  #code = 0
  #calls = 0
  /** u8 [M], see `ProgressCodes`. */
  readonly #digits: Uint8Array
  /** f64 [M], quality of the answers given so far. */
  readonly #answered: Float64Array

  constructor(config: RoutingCascadeConfig, world: CascadeWorld) {
    super()
    const { costWeight, latencyWeight, check, maxCalls } = config
    const numModels = world.models.length
    this.#world = world
    this.#reward = compileExpression(config.reward, quantityNames, { costWeight, latencyWeight })
    this.#answerReward = answerReward(config)
    this.#truePositive = check.truePositive
    this.#falsePositive = check.falsePositive
    this.#maxCalls = maxCalls
    this.#numModels = numModels
    this.#numTypes = world.drawn ? world.numQueries : 0
    this.#digits = new Uint8Array(numModels)
    this.#answered = new Float64Array(numModels)
    const shuffled = config.order === 'shuffled' && world.shares === null
    this.#order = shuffled
      ? new ShuffledOrder(world.queries.length)
      : new IndependentOrder(world.queries.length, world.shares)
    const codes = progressCodes(numModels, maxCalls)
    this.#codes = codes !== null && world.numQueries * codes.count < MOST_STATES ? codes : null
    const numStates = this.#codes === null ? 0 : world.numQueries * this.#codes.count + 1
    if (world.features !== undefined) this.features = world.features
    const labels = maxCalls > 1 ? [...world.models, STOP] : world.models
    this.spec = {
      id: 'routing-cascade',
      version: ROUTING_CASCADE_VERSION,
      agents: [
        {
          name: 'router',
          observation: box(2 * numModels + 1 + this.#numTypes, 0, 1),
          action: discrete(labels.length, labels),
          numObservations: world.drawn ? numStates : 0,
          numFeatures: world.features?.columns ?? 0,
        },
      ],
      numStates,
      stateSize: 0,
      quantities,
      ...(world.costKnown ? { costs: ['costUsd'] } : {}),
      score: { aggregate: 'shared', over: 'episode' },
      columns: {
        ...(world.costKnown ? { cost: 'costUsd' } : {}),
        ...(world.latencyKnown ? { latency: { quantity: 'waitedMs', when: 'answered' } } : {}),
      },
      limitSteps: maxCalls,
      knowsActionRewards: maxCalls === 1 && !world.drawn,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.alive.fill(1)
    slot.elapsed[0] = 1
    slot.truncated[0] = 0
  }

  override reset(rng: Rng): void {
    const slot = this.#bound('reset')
    if (rng !== this.#rng) this.#order.restart()
    this.#rng = rng
    this.#start(this.#world.queries[this.#order.next(rng)]!)
    slot.reward.fill(0)
    slot.quantities.fill(0)
    this.#writeView(slot)
  }

  /** @throws LifecycleError before the first reset */
  override step(actions: Int32Array): void {
    const slot = this.#bound('step')
    const rng = this.#rng
    if (rng === undefined) throw new LifecycleError('routing-cascade.step: call reset first')
    const { quantities: q } = slot
    for (let k = 0; k < q.length; k++) q[k] = 0
    if (slot.actionReward.length > 0) this.#writeActionRewards(slot)
    const action = actions[0]!
    if (action < this.#numModels) this.#call(action, rng, q)
    if (action >= this.#numModels || this.#calls >= this.#maxCalls) this.#answer(q)
    slot.reward[0] = this.#reward(q)
    this.#writeView(slot)
  }

  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError('routing-cascade.saveState: call reset first')
    return {
      query: this.#query,
      digits: [...this.#digits],
      answered: [...this.#answered],
      order: [...this.#order.saveState()],
      rng: [...this.#rng.saveState()],
    }
  }

  override loadState(state: EnvState): void {
    const { query, digits, answered, order, rng } = state as {
      query: number
      digits: number[]
      answered: number[]
      order: number[]
      rng: RngState
    }
    const fits = Number.isInteger(query) && query >= DONE && query < this.#world.numQueries
    if (!fits || digits?.length !== this.#numModels || answered?.length !== this.#numModels) {
      throw new StateError(
        `routing-cascade: the saved state isn't one of ${this.#world.numQueries} queries and ${this.#numModels} models`,
      )
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng)
    this.#order.loadState(order)
    this.#query = query
    this.#digits.set(digits)
    this.#answered.set(answered)
    this.#resume()
    this.#writeView(this.#bound('loadState'))
  }

  override startStates(sink: StartSink): void {
    const { queries, shares } = this.#world
    const { count } = this.#codes!
    for (let k = 0; k < queries.length; k++) {
      sink.add(queries[k]! * count, shares === null ? 1 / queries.length : shares[k]!)
    }
  }

  override showState(state: number): void {
    const { count, digits } = this.#codes!
    const done = state === this.spec.numStates - 1
    this.#query = done ? DONE : Math.floor(state / count)
    const code = done ? 0 : state % count
    for (let m = 0; m < this.#numModels; m++) this.#digits[m] = digits[code * this.#numModels + m]!
    this.#resume()
    this.#writeView(this.#bound('showState'))
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    addCascadeOutcomes(
      {
        world: this.#world,
        codes: this.#codes!,
        reward: this.#reward,
        truePositive: this.#truePositive,
        falsePositive: this.#falsePositive,
        done: this.spec.numStates - 1,
      },
      state,
      jointAction[0]!,
      sink,
    )
  }

  #bound(where: string): Slot {
    if (this.#slot === undefined) throw new LifecycleError(`routing-cascade.${where}: call bind first`)
    return this.#slot
  }

  #start(query: number): void {
    this.#query = query
    this.#digits.fill(0)
    this.#calls = 0
    this.#code = 0
  }

  /** Works out what follows from query and digits. */
  #resume(): void {
    this.#calls = 0
    let code = 0
    for (let m = 0; m < this.#numModels; m++) {
      const digit = this.#digits[m]!
      if (digit === 0) continue
      this.#calls++
      if (this.#codes !== null && code >= 0) code = this.#codes.next[(code * this.#numModels + m) * 2 + digit - 1]!
    }
    this.#code = code
  }

  #call(model: number, rng: Rng, q: Float64Array): void {
    const { quality, costUsd, latencyMs, drawn } = this.#world
    const k = this.#query * this.#numModels + model
    const right = drawn ? (rng.uniform() < quality[k]! ? 1 : 0) : quality[k]!
    let digit = 1
    if (this.#maxCalls > 1) {
      const passes = this.#falsePositive + (this.#truePositive - this.#falsePositive) * right
      if (rng.uniform() < passes) digit = 2
    }
    this.#answered[model] = right
    this.#digits[model] = digit
    this.#calls++
    if (this.#codes !== null) this.#code = this.#codes.next[(this.#code * this.#numModels + model) * 2 + digit - 1]!
    q[CALLED] = 1
    q[COST] = costUsd[k]!
    q[LATENCY] = latencyMs[k]!
  }

  #answer(q: Float64Array): void {
    q[QUALITY] = this.#answered[bestAnswer(this.#digits, 0, this.#numModels)]!
    q[ANSWERED] = 1
    q[WAITED] = waitedMs(this.#world.latencyMs, this.#query, this.#digits, this.#numModels)
    this.#query = DONE
  }

  #writeActionRewards({ actionReward }: Slot): void {
    for (let m = 0; m < this.#numModels; m++) {
      actionReward[m] = this.#answerReward(this.#world, this.#query * this.#numModels + m)
    }
  }

  #writeView(slot: Slot): void {
    const done = this.#query === DONE
    const m = this.#numModels
    for (let a = 0; a < m; a++) slot.mask[a] = !done && this.#digits[a] === 0 ? 1 : 0
    if (this.#maxCalls > 1) slot.mask[m] = !done && this.#calls > 0 ? 1 : 0
    slot.featureRow[0] = done || this.features === undefined ? -1 : this.#query
    const state = this.#codes === null ? -1 : this.#query * this.#codes.count + this.#code
    slot.stateId[0] = done && this.#codes !== null ? this.spec.numStates - 1 : state
    slot.observationId[0] = this.#world.drawn ? slot.stateId[0]! : -1
    slot.terminated[0] = done ? 1 : 0
    const { observation } = slot
    if (observation.length === 0) return
    observation.fill(0)
    if (done) return
    for (let a = 0; a < m; a++) {
      if (this.#digits[a]! > 0) observation[a] = 1
      if (this.#digits[a] === 2) observation[m + a] = 1
    }
    observation[2 * m] = this.#calls / this.#maxCalls
    if (this.#numTypes > 0) observation[2 * m + 1 + this.#query] = 1
  }
}
