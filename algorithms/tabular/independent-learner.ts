import type { Policy } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import type { TransitionBatch } from '#env/vector-env.js'
import { greedyAction, greedyValue } from '../exploration.js'
import type { Learner, LearnerContext, LearnerState } from '../learner.js'
import { type ScheduleConfig, scheduleAt } from '../schedule.js'
import { loadTable, saveTable } from './saved-table.js'
import { IndependentTabularPolicy, tableOffsets } from './tabular-policy.js'

/** What one-step learners on a table an agent share. */
export interface IndependentRates {
  readonly learningRate: ScheduleConfig
  /** Factor on the step size where the temporal-difference error is negative; 1 makes plain Q-learning. */
  readonly negativeFactor: ScheduleConfig
  readonly exploration: ScheduleConfig
  readonly initialValue: number
}

/**
 * One-step Q-learning of every agent for itself (Watkins 1989; Tan 1993): each sees its own observation and treats the
 * others as part of the world. Every agent that acted learns from the step, forced actions and its last one included.
 *
 *     target = r + gamma^elapsed * max_a' Q_i(o', a')
 *     Q_i(o, a) += rate * (target < Q_i(o, a) ? negativeFactor : 1) * (target - Q_i(o, a))
 *
 * The maximum runs over the actions legal in o'; it is 0 after termination and for an agent that acts no more, and taken at the final observation when the
 * episode was cut off. Of several rows, all learn from the values before the step: targets and rates come first, then the
 * rows' updates one after the other. So the rows can be worked on at once, and in tensors (algorithms/tensor) they are.
 */
export class IndependentLearner implements Learner {
  readonly #context: LearnerContext
  readonly #rates: IndependentRates
  readonly #offset: Int32Array
  /** f64, agent i's table [numObservations_i, A] from #offset[i] on. */
  readonly #values: Float64Array
  /** i32 [E, N], entries of the table that the last actions belong to; -1 = the agent no longer acted. */
  readonly #entry: Int32Array
  /** f64 [E, N] each, of the update under way. */
  readonly #target: Float64Array
  readonly #rate: Float64Array
  #step = 0

  constructor(context: LearnerContext, rates: IndependentRates) {
    this.#context = context
    this.#rates = rates
    this.#offset = tableOffsets(context.spec)
    this.#values = new Float64Array(this.#offset.at(-1)!).fill(rates.initialValue)
    const acting = context.rows * context.spec.agents.length
    this.#entry = new Int32Array(acting)
    this.#target = new Float64Array(acting)
    this.#rate = new Float64Array(acting)
  }

  act(batch: TransitionBatch, actions: Int32Array): void {
    const rng: Rng = this.#context.rng
    const { agents, numActions } = batch.layout
    const { mask, observationId } = batch
    const values = this.#values
    const offset = this.#offset
    const entries = this.#entry
    const epsilon = scheduleAt(this.#rates.exploration, this.#step, this.#context.totalSteps)
    let k = 0
    for (let row = 0; row < batch.size; row++) {
      for (let i = 0; i < agents; i++, k++) {
        const base = offset[i]! + observationId[k]! * numActions
        const action =
          rng.uniform() < epsilon
            ? sampleMasked(mask, k * numActions, numActions, rng)
            : greedyAction(values, base, mask, k * numActions, numActions)
        actions[k] = Math.max(0, action)
        entries[k] = action < 0 ? -1 : base + action
      }
    }
  }

  update(batch: TransitionBatch): void {
    const { agents, numActions } = batch.layout
    const { reward, terminated, ended, elapsed } = batch
    const { totalSteps, discount } = this.#context
    const values = this.#values
    const entries = this.#entry
    const rate = scheduleAt(this.#rates.learningRate, this.#step, totalSteps)
    const negativeRate = rate * scheduleAt(this.#rates.negativeFactor, this.#step, totalSteps)
    const targets = this.#target
    const rates = this.#rate
    let k = 0
    for (let row = 0; row < batch.size; row++) {
      const end = ended[row] === 1
      const ids = end ? batch.finalObservationId : batch.observationId
      const masks = end ? batch.finalMask : batch.mask
      const time = elapsed[row]!
      const discountT = terminated[row] === 1 ? 0 : time === 1 ? discount : discount ** time
      for (let i = 0; i < agents; i++, k++) {
        const entry = entries[k]!
        if (entry < 0) continue
        const base = this.#offset[i]! + ids[k]! * numActions
        const next = discountT === 0 ? 0 : greedyValue(values, base, masks, k * numActions, numActions)
        const target = reward[k]! + discountT * next
        targets[k] = target
        rates[k] = target < values[entry]! ? negativeRate : rate
      }
    }
    for (k = 0; k < entries.length; k++) {
      const entry = entries[k]!
      if (entry >= 0) values[entry] = values[entry]! + rates[k]! * (targets[k]! - values[entry]!)
    }
    this.#step += batch.size
  }

  policy(): Policy {
    return new IndependentTabularPolicy(this.#context.spec, this.#values)
  }

  saveState(): LearnerState {
    return saveTable(this.#values, this.#step, this.#context.rng)
  }

  loadState(state: LearnerState): void {
    this.#step = loadTable(state, this.#values, this.#context.rng)
  }
}
