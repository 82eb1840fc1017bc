import { NotEnumerableError, StateError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { scoreWeights, type TransitionBatch } from '#env/vector-env.js'
import { defineLearner, type Learner, type LearnerContext, type LearnerState } from '../learner.js'
import { scheduleAt } from '../schedule.js'
import { TensorJointQ } from '../tensor/tensor-joint-q.js'
import { type LearningConfig, learningConfig } from './learning-config.js'
import { loadTable, saveTable } from './saved-table.js'
import { isLegal, type JointActions, JointTabularPolicy, jointActions } from './tabular-policy.js'

/**
 * Q-learning on joint actions for a team with one goal (Claus and Boutilier 1998, joint action learners under one
 * value):
 *
 *     Q(s, a1..an) = E[R + gamma * max_a' Q(s', a1'..an')]
 *
 * R is the team's score of a step. One table [S, J]; entries of illegal joint actions are -Infinity from the first
 * visit of a state on (the legal actions of a state never change). Of several rows, all learn from the values before the
 * step, as independent learners' do. Deviations: none.
 */
class JointActionLearner implements Learner {
  readonly #context: LearnerContext
  readonly #config: LearningConfig
  readonly #joint: JointActions
  readonly #weight: Float64Array
  /** f64 [S, J] */
  readonly #values: Float64Array
  /** i32 [S], legal joint actions of a state; 0 = not visited yet. */
  readonly #legal: Int32Array
  /** i32 [E], entries of the table that the last joint actions belong to. */
  readonly #entry: Int32Array
  /** f64 [E], of the update under way. */
  readonly #target: Float64Array
  #step = 0

  constructor(context: LearnerContext, config: LearningConfig) {
    const { spec, rows } = context
    if (spec.numStates < 1) {
      throw new NotEnumerableError(`joint-action-q: ${spec.id} has no numbered states, which a table needs`)
    }
    this.#context = context
    this.#config = config
    this.#joint = jointActions(spec)
    this.#weight = scoreWeights(spec)
    this.#values = new Float64Array(spec.numStates * this.#joint.count).fill(config.initialValue)
    this.#legal = new Int32Array(spec.numStates)
    this.#entry = new Int32Array(rows)
    this.#target = new Float64Array(rows)
  }

  act(batch: TransitionBatch, actions: Int32Array): void {
    const { rng, totalSteps } = this.#context
    const { agents } = batch.layout
    const { count, actionOf } = this.#joint
    const epsilon = scheduleAt(this.#config.exploration, this.#step, totalSteps)
    for (let row = 0; row < batch.size; row++) {
      const state = batch.stateId[row]!
      const legal = this.#visit(state, batch.mask, row * batch.layout.numActions * agents, batch)
      const first = state * count
      const joint = rng.uniform() < epsilon ? this.#nth(first, rng.integer(legal)) : this.#best(first)
      this.#entry[row] = first + joint
      for (let i = 0; i < agents; i++) actions[row * agents + i] = actionOf[joint * agents + i]!
    }
  }

  update(batch: TransitionBatch): void {
    const { agents, numActions } = batch.layout
    const { totalSteps, discount } = this.#context
    const values = this.#values
    const weight = this.#weight
    const rate = scheduleAt(this.#config.learningRate, this.#step, totalSteps)
    for (let row = 0; row < batch.size; row++) {
      let score = 0
      for (let i = 0; i < agents; i++) score += weight[i]! * batch.reward[row * agents + i]!
      let next = 0
      if (batch.terminated[row] === 0) {
        const end = batch.ended[row] === 1
        const state = end ? batch.finalStateId[row]! : batch.stateId[row]!
        this.#visit(state, end ? batch.finalMask : batch.mask, row * numActions * agents, batch)
        const first = state * this.#joint.count
        const time = batch.elapsed[row]!
        next = (time === 1 ? discount : discount ** time) * values[first + this.#best(first)]!
      }
      this.#target[row] = score + next
    }
    for (let row = 0; row < batch.size; row++) {
      const entry = this.#entry[row]!
      values[entry] = values[entry]! + rate * (this.#target[row]! - values[entry]!)
    }
    this.#step += batch.size
  }

  policy(): Policy {
    return new JointTabularPolicy(this.#context.spec, this.#values)
  }

  saveState(): LearnerState {
    const { arrays, data } = saveTable(this.#values, this.#step, this.#context.rng)
    return { arrays: { ...arrays, legal: this.#legal.slice() }, data }
  }

  loadState(state: LearnerState): void {
    const { legal } = state.arrays
    if (!(legal instanceof Int32Array) || legal.length !== this.#legal.length) {
      throw new StateError(
        `saved learner: expected legal actions of ${this.#legal.length} states, got ${legal?.length ?? 'none'}`,
      )
    }
    this.#step = loadTable(state, this.#values, this.#context.rng)
    this.#legal.set(legal)
  }

  /** Marks the illegal joint actions of a state when it is first seen; returns how many are legal. */
  #visit(state: number, mask: Uint8Array, maskRow: number, batch: TransitionBatch): number {
    const known = this.#legal[state]!
    if (known > 0) return known
    const { agents, numActions } = batch.layout
    const { count, actionOf } = this.#joint
    let legal = 0
    for (let j = 0; j < count; j++) {
      if (isLegal(actionOf, j, mask, maskRow, agents, numActions)) legal++
      else this.#values[state * count + j] = Number.NEGATIVE_INFINITY
    }
    this.#legal[state] = legal
    return legal
  }

  /** The best joint action of the row from `first` on; ties go to the lowest index. */
  #best(first: number): number {
    const values = this.#values
    const { count } = this.#joint
    let best = 0
    let bestValue = values[first]!
    for (let j = 1; j < count; j++) {
      const value = values[first + j]!
      if (value > bestValue) {
        best = j
        bestValue = value
      }
    }
    return best
  }

  /** The n-th legal joint action of the row from `first` on. */
  #nth(first: number, n: number): number {
    let rest = n
    let j = 0
    for (; j < this.#joint.count - 1; j++) {
      if (this.#values[first + j]! > Number.NEGATIVE_INFINITY && rest-- === 0) break
    }
    return j
  }
}

export const jointActionQ = defineLearner<LearningConfig>({
  name: 'joint-action-q',
  aliases: ['joint-q'],
  summary: "one table over the team's joint actions on the full state",
  version: '2',
  observes: 'ids',
  schema: learningConfig,
  create: (context, config) => new JointActionLearner(context, config),
  tensors: (contexts, config, backend) => new TensorJointQ(contexts, config, backend),
})
