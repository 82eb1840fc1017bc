import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import { defineLearner, type LearnerContext, type NumberArray } from '../learner.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { OneStepLearner } from './one-step-learner.js'

/**
 * SARSA (Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4), every agent for itself: the next action is chosen
 * first, by the exploring policy, and then both bootstrapped from and taken.
 *
 *     Q(o, a) += rate * (r + discount * Q(o', a') - Q(o, a))
 *
 * Where the episode was cut off, the action that would have come next is drawn and bootstrapped from, and nobody takes it.
 * Deviations: none.
 */
class SarsaLearner extends OneStepLearner {
  /** i32 [E, N, H], the actions chosen in advance; -1 = none. */
  readonly #next: Int32Array
  #rate = 0
  #epsilon = 0

  constructor(context: LearnerContext, config: LearningConfig) {
    super(context, config)
    this.#next = new Int32Array(context.rows * this.tables.count.length).fill(-1)
  }

  override act(batch: AgentViews, actions: Int32Array): void {
    const epsilon = this.epsilon()
    this.actBy(batch, actions, (c, k, place) => {
      const chosen = this.#next[c]!
      return chosen >= 0 ? chosen : this.choose(batch, c, k, place, epsilon)
    })
  }

  protected override learn(transition: TransitionBatch, rate: number): void {
    this.#next.fill(-1)
    super.learn(transition, rate)
    const choices = this.#next.length / transition.size
    for (let row = 0; row < transition.size; row++) {
      if (transition.ended[row] === 1) this.#next.fill(-1, row * choices, (row + 1) * choices)
    }
  }

  protected override beginUpdate(rate: number): void {
    this.#rate = rate
    this.#epsilon = this.epsilon()
  }

  /** Chooses the next action, as `act` would. */
  protected override nextValue({ after, layout }: TransitionBatch, c: number, nextRow: number): number {
    const place = c % (layout.agents * layout.heads)
    const next = this.choose(after, c, Math.floor(c / layout.heads), place, this.#epsilon)
    this.#next[c] = next
    return this.values[nextRow + next]!
  }

  protected override stepSize(): number {
    return this.#rate
  }

  protected override kept(): { readonly [name: string]: NumberArray } {
    return { next: this.#next }
  }
}

export const sarsa = defineLearner<LearningConfig>({
  name: 'sarsa',
  aliases: [],
  summary: 'learns what its own exploring policy is worth, from the next action that it takes',
  version: '1',
  needs: readsNumbers,
  schema: learningConfig,
  forms: { arrays: (context, config) => new SarsaLearner(context, config) },
})
