import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import type { LearnerContext } from '../learner.js'
import { type ScheduleConfig, scheduleAt } from '../schedule.js'
import type { LearningConfig } from './learning-config.js'
import { moveTowards } from './one-step-learner.js'
import { TabularLearner } from './tabular-learner.js'

/** What Q-learners share, independent and hysteretic. */
export interface IndependentRates extends LearningConfig {
  /** Factor on the step size where the temporal-difference error is negative; 1 makes plain Q-learning. */
  readonly negativeFactor: ScheduleConfig
}

/**
 * One-step Q-learning of every agent for itself (Watkins 1989; Tan 1993): each sees its own observation and treats the
 * others as part of the world. Every agent that acted learns from the step, forced actions and its last one included.
 *
 *     target = r + discount * max_a' Q_i(o', a')
 *     Q_i(o, a) += hystereticRate(target - Q_i(o, a)) * (target - Q_i(o, a))
 *
 * The maximum runs over the actions legal in o'. So the rows can be worked on at once, and in tensors (algorithms/tensor)
 * they are.
 */
export class IndependentLearner extends TabularLearner {
  readonly #rates: IndependentRates
  /** i32 [E, N, H], entries that learn; -1 = the agent didn't act. f64 each: their targets, and step sizes. */
  readonly #entry: Int32Array
  readonly #target: Float64Array
  readonly #step: Float64Array

  constructor(context: LearnerContext, rates: IndependentRates) {
    super(context, rates)
    this.#rates = rates
    const choices = context.rows * this.tables.count.length
    this.#entry = new Int32Array(choices).fill(-1)
    this.#target = new Float64Array(choices)
    this.#step = new Float64Array(choices)
  }

  /** Written out instead of standing on OneStepLearner, whose calls take a quarter of an update: this is what trains most. */
  protected override learn(transition: TransitionBatch, rate: number): void {
    const { actions, layout, size, reward } = transition
    const { alive, observationId } = transition.before
    const { mask: nextMask, observationId: nextId } = transition.after
    const { agents } = layout
    const choices = layout.actionsOf.length
    const { tables, own, discount, values } = this
    const { width, offset: firstRow, count: rowsOf } = tables
    const { count, agentOf, placeOf } = own
    const entries = this.#entry
    const targets = this.#target
    const steps = this.#step
    const negativeRate = rate * scheduleAt(this.#rates.negativeFactor, this.step, this.context.totalSteps)
    let errors = 0
    let learned = 0
    // Choice by choice, so that what belongs to its table is looked up once for all rows.
    for (let j = 0; j < count; j++) {
      const place = placeOf[j]!
      const table = firstRow[place]!
      const rows = rowsOf[place]!
      for (let row = 0, k = agentOf[j]!, c = place; row < size; row++, k += agents, c += choices) {
        if (alive[k] !== 1) {
          entries[c] = -1
          continue
        }
        const weight = discount[k]!
        const seen = observationId[k]!
        // Checked here, not in a call: as unsigned numbers, negative ones lie beyond every count.
        if (seen >>> 0 >= rows) tables.refuse(place, seen)
        let target = reward[k]!
        if (weight !== 0) {
          const follows = nextId[k]!
          if (follows >>> 0 >= rows) tables.refuse(place, follows)
          target += weight * greedyValue(values, table + follows * width, nextMask, c * width, width)
        }
        const entry = table + seen * width + actions[c]!
        const error = target - values[entry]!
        entries[c] = entry
        targets[c] = target
        steps[c] = hystereticRate(error, rate, negativeRate)
        errors += Math.abs(error)
        learned++
      }
    }
    for (let c = 0; c < entries.length; c++) {
      const entry = entries[c]!
      if (entry >= 0) moveTowards(values, entry, targets[c]!, steps[c]!)
    }
    this.noteErrors(errors, learned)
  }
}

/**
 * The step size of hysteretic Q-learning (Matignon et al. 2007, section IV): alpha for good news, beta for bad.
 * @param error - target less value, reward units
 */
export function hystereticRate(error: number, alpha: number, beta: number): number {
  // Equal rates are asked for first: the error's sign is a coin that no processor foresees.
  return alpha !== beta && error < 0 ? beta : alpha
}
