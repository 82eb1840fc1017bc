import { NotEnumerableError, ShapeError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { layoutOf } from '#env/spec.js'
import { type AgentViews, type TransitionBatch, teamDiscounts } from '#env/transition-batch.js'
import { highestOf } from '../greedy-action.js'
import { defineLearner, type Learner, type LearnerContext, type LearnerMetrics, type LearnerState } from '../learner.js'
import { loadArrays, saveArrays } from '../saved-arrays.js'
import { scheduleAt } from '../schedule.js'
import { teamWeights } from '../team-weights.js'
import { TensorJointQ } from '../tensor/tensor-joint-q.js'
import { isLegal, type JointActions, jointActions, jointIndex } from './joint-actions.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { moveTowards } from './one-step-learner.js'
import { JointTabularPolicy } from './tabular-policy.js'
import { valueRange } from './value-range.js'

/**
 * Q-learning on joint actions for a team with one goal (Claus and Boutilier 1998, joint action learners under one
 * value):
 *
 *     Q(s, a1..an) = E[R + discount * max_a' Q(s', a1'..an')]
 *
 * R is the team's score of a step. One table [S, J]; entries of illegal joint actions are -Infinity from the first
 * visit of a state on (the legal actions of a state never change). Of several rows, all learn from the values before the
 * step, as independent learners' do. Deviations: none.
 */
class JointActionLearner implements Learner {
  readonly #context: LearnerContext
  readonly #config: LearningConfig
  readonly #joint: JointActions
  readonly #numActions: number
  /** Mask entries of a row of the batch. */
  readonly #maskSize: number
  readonly #weight: Float64Array
  /** f64 [S, J] */
  readonly #values: Float64Array
  /** i32 [S], legal joint actions of a state; 0 = not visited yet. */
  readonly #legal: Int32Array
  /** f64 [E] each, of the transition that is being learned from. */
  readonly #discount: Float64Array
  readonly #target: Float64Array
  readonly #entry: Int32Array
  readonly #errors = new Float64Array(2)
  #step = 0

  constructor(context: LearnerContext, config: LearningConfig) {
    const { spec, agents, rows } = context
    if (spec.numStates < 1) {
      throw new NotEnumerableError(`joint-action-q: ${spec.id} has no numbered states, which a table needs`)
    }
    const layout = layoutOf(spec)
    this.#context = context
    this.#config = config
    this.#joint = jointActions(spec, agents)
    this.#numActions = layout.numActions
    this.#maskSize = layout.actionsOf.length * layout.numActions
    this.#weight = teamWeights(context)
    this.#values = new Float64Array(spec.numStates * this.#joint.count).fill(config.initialValue)
    this.#legal = new Int32Array(spec.numStates)
    this.#discount = new Float64Array(rows)
    this.#target = new Float64Array(rows)
    this.#entry = new Int32Array(rows)
  }

  act(batch: AgentViews, actions: Int32Array): void {
    const { rng } = this.#context
    const { count, choices, placeOf, actionOf } = this.#joint
    const { stateId, mask, layout } = batch
    const epsilon = this.#epsilon()
    for (let row = 0; row < batch.size; row++) {
      const legal = this.#visit(stateId[row]!, mask, row)
      const first = stateId[row]! * count
      const joint =
        rng.uniform() < epsilon ? this.#nth(first, rng.integer(legal)) : highestOf(this.#values, first, count)
      for (let i = 0; i < choices; i++) {
        actions[row * layout.actionsOf.length + placeOf[i]!] = actionOf[joint * choices + i]!
      }
    }
  }

  update(transition: TransitionBatch): void {
    const { before, after, actions, size, layout, reward } = transition
    const { agents } = layout
    const { totalSteps, discount } = this.#context
    const { count } = this.#joint
    const values = this.#values
    const weight = this.#weight
    const rate = this.#rate(totalSteps)
    teamDiscounts(transition, discount, this.#discount)
    let errors = 0
    for (let row = 0; row < size; row++) {
      let score = 0
      for (let i = 0; i < agents; i++) score += weight[i]! * reward[row * agents + i]!
      let next = 0
      if (this.#discount[row] !== 0) {
        const state = after.stateId[row]!
        this.#visit(state, after.mask, row)
        next = values[state * count + highestOf(values, state * count, count)]!
      }
      const entry = before.stateId[row]! * count + jointIndex(this.#joint, actions, row * layout.actionsOf.length)
      this.#entry[row] = entry
      this.#target[row] = score + this.#discount[row]! * next
      errors += Math.abs(this.#target[row]! - values[entry]!)
    }
    for (let row = 0; row < size; row++) moveTowards(values, this.#entry[row]!, this.#target[row]!, rate)
    this.#errors[0] = this.#errors[0]! + errors
    this.#errors[1] = this.#errors[1]! + size
    this.#step += size
  }

  metrics(): LearnerMetrics {
    const sum = this.#errors[0]!
    const count = this.#errors[1]!
    this.#errors.fill(0)
    return {
      ...(count > 0 ? { 'td-error': sum / count } : {}),
      ...valueRange(this.#values),
      epsilon: this.#epsilon(),
      'learning-rate': this.#rate(this.#context.totalSteps),
    }
  }

  policy(): Policy {
    return new JointTabularPolicy(this.#context.spec, this.#values, this.#context.agents)
  }

  saveState(): LearnerState {
    return saveArrays(this.#arrays(), this.#step, this.#context.rng)
  }

  loadState(state: LearnerState): void {
    this.#step = loadArrays(state, this.#arrays(), this.#context.rng)
  }

  #arrays() {
    return { values: this.#values, legal: this.#legal, errors: this.#errors }
  }

  #epsilon(): number {
    return scheduleAt(this.#config.exploration, this.#step, this.#context.totalSteps)
  }

  #rate(totalSteps: number): number {
    return scheduleAt(this.#config.learningRate, this.#step, totalSteps)
  }

  /** Marks the illegal joint actions of a state when it is first seen; returns how many are legal. */
  #visit(state: number, mask: Uint8Array, row: number): number {
    const known = this.#legal[state]!
    if (known > 0) return known
    const { numStates, id } = this.#context.spec
    if (!(state >= 0 && state < numStates)) {
      throw new ShapeError(
        `${id}: it is in state ${state}, expected stateId in 0..${numStates - 1}; check the environment's numbering`,
      )
    }
    const { count } = this.#joint
    let legal = 0
    for (let j = 0; j < count; j++) {
      if (isLegal(this.#joint, j, mask, row * this.#maskSize, this.#numActions)) legal++
      else this.#values[state * count + j] = Number.NEGATIVE_INFINITY
    }
    this.#legal[state] = legal
    return legal
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
  needs: readsNumbers,
  schema: learningConfig,
  forms: {
    arrays: (context, config) => new JointActionLearner(context, config),
    tensors: (contexts, config, backend) => new TensorJointQ(contexts, config, backend),
  },
})
