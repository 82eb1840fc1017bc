import type { TransitionBatch } from '#env/transition-batch.js'
import type { LearnerContext } from '../learner.js'
import type { LearningConfig } from './learning-config.js'
import { TabularLearner } from './tabular-learner.js'

/**
 * Learners that move one entry a step, that of what was seen and done, towards a target: the loop over rows and agents that
 * they share. An algorithm says what the target is, and how far the entry moves.
 */
export abstract class OneStepLearner extends TabularLearner {
  /** i32 [E, N, H], entries that learn; -1 = the agent didn't act. f64 each: their targets, and step sizes. */
  readonly #entry: Int32Array
  readonly #target: Float64Array
  readonly #step: Float64Array

  constructor(context: LearnerContext, config: LearningConfig) {
    super(context, config)
    const choices = context.rows * this.tables.count.length
    this.#entry = new Int32Array(choices).fill(-1)
    this.#target = new Float64Array(choices)
    this.#step = new Float64Array(choices)
  }

  protected override learn(transition: TransitionBatch, rate: number): void {
    const { actions, layout, size, reward } = transition
    const { alive, observationId } = transition.before
    const nextId = transition.after.observationId
    const { agents } = layout
    const choices = layout.actionsOf.length
    const { tables, own, discount } = this
    const { count, agentOf, placeOf } = own
    const entries = this.#entry
    const targets = this.#target
    const steps = this.#step
    let errors = 0
    let learned = 0
    this.beginUpdate(rate, transition)
    for (let row = 0, firstK = 0, firstC = 0; row < size; row++, firstK += agents, firstC += choices) {
      for (let j = 0; j < count; j++) {
        const place = placeOf[j]!
        const k = firstK + agentOf[j]!
        const c = firstC + place
        if (alive[k] !== 1) {
          entries[c] = -1
          continue
        }
        const entry = tables.row(place, observationId[k]!) + actions[c]!
        const weight = discount[k]!
        const next = weight === 0 ? 0 : this.nextValue(transition, c, tables.row(place, nextId[k]!))
        const target = reward[k]! + weight * next
        const error = target - this.tableOf(c)[entry]!
        entries[c] = entry
        targets[c] = target
        steps[c] = this.stepSize(error, entry)
        errors += Math.abs(error)
        learned++
      }
    }
    for (let c = 0; c < entries.length; c++) {
      const entry = entries[c]!
      if (entry >= 0) this.move(c, entry, targets[c]!, steps[c]!)
    }
    this.noteErrors(errors, learned)
  }

  /** Called before a transition is learned from. @param rate - step size */
  protected abstract beginUpdate(rate: number, transition: TransitionBatch): void

  /** The table that choice c moves. */
  protected tableOf(_c: number): Float64Array {
    return this.values
  }

  /** Value of what follows. @param c - the choice's place in the batch; nextRow - where its table's row begins */
  protected abstract nextValue(transition: TransitionBatch, c: number, nextRow: number): number

  /** How far an entry with this error moves, 0 to 1. */
  protected abstract stepSize(error: number, entry: number): number

  protected move(c: number, entry: number, target: number, step: number): void {
    moveTowards(this.tableOf(c), entry, target, step)
  }
}

/**
 * Q(o, a) += rate * (target - Q(o, a)).
 * @param values - [entries], reward units; changed in place
 * @param rate - in [0, 1]
 */
export function moveTowards(values: Float64Array, entry: number, target: number, rate: number): void {
  values[entry] = values[entry]! + rate * (target - values[entry]!)
}
