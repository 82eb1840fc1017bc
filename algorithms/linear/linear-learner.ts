import { StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Policy } from '#env/policy.js'
import type { RngState } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { oneChoiceLayout } from '#env/spec.js'
import { type AgentViews, discounts, type TransitionBatch } from '#env/transition-batch.js'
import { greedyAction, greedyValue } from '../greedy-action.js'
import type { Learner, LearnerContext, LearnerMetrics, LearnerState, NumberArray } from '../learner.js'
import { restoreArrays } from '../saved-arrays.js'
import { type ScheduleConfig, scheduleAt } from '../schedule.js'
import { standardNormal } from '../standard-normal.js'
import { checkLinearBatch, InputRow, type LinearInput, linearInputs } from './linear-inputs.js'
import { LinearPolicy, linearValues } from './linear-policy.js'

/**
 * How a learner tries things out; `amount` may change as training goes on.
 * - epsilon-greedy: a uniformly random legal action with probability `amount`, else the greedy one
 * - bound: the largest Q + amount * sqrt(variance)
 * - draw: the largest Q + amount * sqrt(variance) * N(0, 1), drawn for each action
 */
export interface Exploration {
  readonly rule: 'epsilon-greedy' | 'bound' | 'draw'
  readonly amount: ScheduleConfig
}

/**
 * What independent learners with linear values share (semi-gradient Q-learning, Sutton and Barto 2018, section 9.3; Tan 1993
 * for several agents): each agent sees its own sparse features and observation, and has values of its own. Targets are
 *
 *     r + discount * max_a' Q_i(x', a')
 *
 * where the maximum runs over the actions legal in x'. Of several rows, all targets are of the values before the step. Where the
 * transition tells what other actions would have earned (the full regime), those are learned too, as the end of an episode.
 */
export abstract class LinearLearner implements Learner {
  protected readonly context: LearnerContext
  /** Of each agent: what it reads, and room for one row of it. */
  protected readonly inputs: readonly LinearInput[]
  protected readonly rows: readonly InputRow[]
  protected readonly actionsOf: Int32Array
  /** f64 [E, N], of the transition that is being learned from. */
  protected readonly discount: Float64Array
  protected step = 0
  readonly #exploration: Exploration
  /** f64 [A], values of one agent's actions. */
  readonly #values: Float64Array
  /** Sum of the errors' sizes since the last metrics, and how many they are. */
  readonly #errors = new Float64Array(2)

  /** @throws SpaceError when an agent has neither features nor an observation, or makes several choices at once */
  constructor(context: LearnerContext, exploration: Exploration) {
    const { agents, actionsOf, numActions } = oneChoiceLayout(context.spec, 'linear learners')
    this.context = context
    this.#exploration = exploration
    this.inputs = linearInputs(context.spec, context.agents)
    this.rows = this.inputs.map((input) => new InputRow(input))
    this.actionsOf = actionsOf
    this.discount = new Float64Array(context.rows * agents)
    this.#values = new Float64Array(numActions)
  }

  /** f64 [actions, columns + 1] of an agent, the intercept last; changed in place, the same array for good. */
  protected abstract weightsOf(agent: number): Float64Array

  /** x^T P_a x >= 0: how unsure Q(x, action) is, for noise of variance 1. Needed by exploration by bound or draw. */
  protected varianceOf(_agent: number, _x: SparseMatrix, _action: number): number {
    return 0
  }

  /** Learns from a transition with the discounts in `discount`. */
  protected abstract learn(transition: TransitionBatch): void

  /** Arrays that an agent's state consists of, by name; the same ones for good. */
  protected abstract arraysOf(agent: number): { readonly [name: string]: NumberArray }

  act(batch: AgentViews, actions: Int32Array): void {
    checkLinearBatch(this.inputs, batch)
    const { agents } = batch.layout
    const amount = this.amount()
    for (let row = 0; row < batch.size; row++) {
      for (const agent of this.context.agents) {
        const k = row * agents + agent
        actions[k] = Math.max(0, this.#choose(batch, k, agent, amount))
      }
    }
  }

  update(transition: TransitionBatch): void {
    discounts(transition, this.context.discount, this.discount)
    this.step += transition.size
    this.learn(transition)
  }

  /** What agent k of a batch sees, as one sparse row; the same object until the next call. */
  protected read(views: AgentViews, k: number, agent: number): InputRow {
    const at = k * views.layout.observationSize
    return this.rows[agent]!.read(views.features, views.featureRow[k]!, views.observation, at)
  }

  /** The target of agent k's step; nothing is bootstrapped where nothing follows. */
  protected target({ reward, after, layout }: TransitionBatch, k: number, agent: number): number {
    const discount = this.discount[k]!
    if (discount === 0) return reward[k]!
    const actions = this.actionsOf[agent]!
    linearValues(this.weightsOf(agent), this.read(after, k, agent), actions, this.#values)
    return reward[k]! + discount * greedyValue(this.#values, 0, after.mask, k * layout.numActions, actions)
  }

  protected amount(): number {
    return scheduleAt(this.#exploration.amount, this.step, this.context.totalSteps)
  }

  /** Counts an error for the metrics. */
  protected noteError(error: number): void {
    this.#errors[0] = this.#errors[0]! + Math.abs(error)
    this.#errors[1] = this.#errors[1]! + 1
  }

  metrics(): LearnerMetrics {
    const sum = this.#errors[0]!
    const count = this.#errors[1]!
    this.#errors.fill(0)
    let largest = 0
    for (const agent of this.context.agents) {
      const weights = this.weightsOf(agent)
      for (let k = 0; k < weights.length; k++) largest = Math.max(largest, Math.abs(weights[k]!))
    }
    const amount = this.#exploration.rule === 'epsilon-greedy' ? 'epsilon' : 'exploration-width'
    return { ...(count > 0 ? { 'td-error': sum / count } : {}), 'weight-max': largest, [amount]: this.amount() }
  }

  policy(): Policy {
    return new LinearPolicy(
      this.context.spec,
      this.inputs.map((_, agent) =>
        this.context.agents.includes(agent) ? this.weightsOf(agent) : new Float64Array(0),
      ),
      this.context.agents,
    )
  }

  /** Arrays of agent i under `i/`. */
  saveState(): LearnerState {
    const arrays = this.context.agents.flatMap((agent) =>
      Object.entries(this.arraysOf(agent)).map(([name, array]) => [`${agent}/${name}`, array] as const),
    )
    const rng = this.context.rng.saveState() as unknown as Json
    return { arrays: { ...Object.fromEntries(arrays), errors: this.#errors }, data: { step: this.step, rng } }
  }

  loadState(state: LearnerState): void {
    const { step } = state.data
    if (typeof step !== 'number') throw new StateError('saved learner: expected a number of steps, got none')
    const own = this.context.agents.flatMap((agent) =>
      Object.entries(this.arraysOf(agent)).map(([name, array]) => [`${agent}/${name}`, array] as const),
    )
    restoreArrays(state.arrays, { ...Object.fromEntries(own), errors: this.#errors })
    this.context.rng.loadState(state.data.rng as unknown as RngState)
    this.step = step
  }

  /** @returns a legal action, or -1 when there is none */
  #choose(batch: AgentViews, k: number, agent: number, amount: number): number {
    const { rng } = this.context
    const { rule } = this.#exploration
    const { mask, layout } = batch
    const from = k * layout.numActions
    const actions = this.actionsOf[agent]!
    if (rule === 'epsilon-greedy' && rng.uniform() < amount) return sampleMasked(mask, from, actions, rng)
    const x = this.read(batch, k, agent)
    const values = this.#values
    linearValues(this.weightsOf(agent), x, actions, values)
    if (rule !== 'epsilon-greedy') {
      for (let a = 0; a < actions; a++) {
        if (mask[from + a] !== 1) continue
        const width = amount * Math.sqrt(this.varianceOf(agent, x, a))
        values[a] = values[a]! + (rule === 'bound' ? width : width * standardNormal(rng))
      }
    }
    return greedyAction(values, 0, mask, from, actions)
  }
}
