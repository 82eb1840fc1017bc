import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyAction } from '../greedy-action.js'
import { defineLearner, type LearnerContext, type NumberArray } from '../learner.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { moveTowards, OneStepLearner } from './one-step-learner.js'

/**
 * Double Q-learning (van Hasselt 2010, algorithm 1), every agent for itself: of two tables one is drawn to be updated; it says
 * which next action is best, and the other what that is worth, so that luck isn't taken for value.
 *
 *     QA(o, a) += rate * (r + discount * QB(o', argmax_a' QA(o', a')) - QA(o, a)), or the same with A and B exchanged
 *
 * It acts on the mean of the two. Deviations: none.
 */
class DoubleLearner extends OneStepLearner {
  /** f64 [entries] each; `values` is their mean. */
  readonly #a: Float64Array
  readonly #b: Float64Array
  /** u8 [E, N, H], 1 = A is updated in this step. */
  readonly #drawnA: Uint8Array
  #rate = 0

  constructor(context: LearnerContext, config: LearningConfig) {
    super(context, config)
    this.#a = this.values.slice()
    this.#b = this.values.slice()
    this.#drawnA = new Uint8Array(context.rows * this.tables.count.length)
  }

  /** One draw for each choice that is learned from. */
  protected override beginUpdate(rate: number, { before, size, layout }: TransitionBatch): void {
    this.#rate = rate
    const { count, agentOf, placeOf } = this.own
    for (let row = 0; row < size; row++) {
      for (let j = 0; j < count; j++) {
        if (before.alive[row * layout.agents + agentOf[j]!] !== 1) continue
        const c = row * layout.agents * layout.heads + placeOf[j]!
        this.#drawnA[c] = this.context.rng.uniform() < 0.5 ? 1 : 0
      }
    }
  }

  protected override tableOf(c: number): Float64Array {
    return this.#drawnA[c] === 1 ? this.#a : this.#b
  }

  protected override nextValue({ after }: TransitionBatch, c: number, nextRow: number): number {
    const { width } = this.tables
    const isA = this.#drawnA[c] === 1
    const best = greedyAction(isA ? this.#a : this.#b, nextRow, after.mask, c * width, width)
    return (isA ? this.#b : this.#a)[nextRow + best]!
  }

  protected override stepSize(): number {
    return this.#rate
  }

  protected override move(c: number, entry: number, target: number, step: number): void {
    moveTowards(this.tableOf(c), entry, target, step)
    this.values[entry] = 0.5 * (this.#a[entry]! + this.#b[entry]!)
  }

  protected override kept(): { readonly [name: string]: NumberArray } {
    return { a: this.#a, b: this.#b }
  }
}

export const doubleQ = defineLearner<LearningConfig>({
  name: 'double-q',
  aliases: [],
  summary: 'two tables that check each other, so that luck is not taken for value',
  version: '1',
  needs: readsNumbers,
  schema: learningConfig,
  forms: { arrays: (context, config) => new DoubleLearner(context, config) },
})
