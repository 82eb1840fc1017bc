import { sampleMasked } from '#env/space.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner, type LearnerContext, type NumberArray } from '../learner.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { OneStepLearner } from './one-step-learner.js'
import { agreedAction, IndependentTabularPolicy } from './tabular-policy.js'

/**
 * Distributed Q-learning (Lauer and Riedmiller 2000, section 4): every agent believes that the others play their part as well as
 * they can, so that values only rise; and it changes what it does in an observation only where the best value there has risen, so
 * that agents agree on one of several joint optima.
 *
 *     Q_i(o, a) <- max(Q_i(o, a), r + discount * max_a' Q_i(o', a'))
 *
 * Right for teams with one reward where outcomes are certain; luck is taken for skill where they aren't. Start below what can
 * be earned (`initialValue`). Deviation: the step may be shorter than the whole way (`learningRate` below 1).
 */
class DistributedLearner extends OneStepLearner {
  /** i32 [rows of all tables], the action that was last seen to raise the best value; -1 = none yet. */
  readonly #agreed: Int32Array
  /** u8 [E, N, H, A], what was legal where the transition was acted on. */
  #mask: Uint8Array = new Uint8Array(0)
  #rate = 1

  constructor(context: LearnerContext, config: LearningConfig) {
    super(context, config)
    this.#agreed = new Int32Array(this.tables.length / this.tables.width).fill(-1)
  }

  override act(batch: AgentViews, actions: Int32Array): void {
    const { rng } = this.context
    const { width } = this.tables
    const epsilon = this.epsilon()
    this.actBy(batch, actions, (c, k, place) => {
      if (rng.uniform() < epsilon) return sampleMasked(batch.mask, c * width, width, rng)
      if (batch.alive[k] !== 1) return -1
      const row = this.tables.row(place, batch.observationId[k]!)
      return agreedAction(this.values, row, this.#agreed[row / width]!, batch.mask, c * width, width)
    })
  }

  protected override beginUpdate(rate: number, { before }: TransitionBatch): void {
    this.#rate = rate
    this.#mask = before.mask
  }

  protected override nextValue({ after }: TransitionBatch, c: number, nextRow: number): number {
    const { width } = this.tables
    return greedyValue(this.values, nextRow, after.mask, c * width, width)
  }

  protected override stepSize(): number {
    return this.#rate
  }

  protected override move(c: number, entry: number, target: number, step: number): void {
    // Values only rise; another row may have raised this one beyond the target since.
    if (!(target > this.values[entry]!)) return
    const { width } = this.tables
    const row = entry - (entry % width)
    const best = greedyValue(this.values, row, this.#mask, c * width, width)
    super.move(c, entry, target, step)
    if (greedyValue(this.values, row, this.#mask, c * width, width) > best) this.#agreed[row / width] = entry - row
  }

  override policy(): IndependentTabularPolicy {
    return new IndependentTabularPolicy(this.context.spec, this.values, this.#agreed, this.context.agents)
  }

  protected override kept(): { readonly [name: string]: NumberArray } {
    return { agreed: this.#agreed }
  }
}

const distributedConfig = learningConfig.extend({ learningRate: learningConfig.shape.learningRate.unwrap().default(1) })

export const distributedQ = defineLearner<LearningConfig>({
  name: 'distributed-q',
  aliases: [],
  summary: 'optimistic independent learners: values only rise; for teams whose outcomes are certain',
  version: '1',
  needs: readsNumbers,
  exceptions: {
    masks: 'values only rise, and that world pays less than their default start of 0; set initialValue below',
  },
  schema: distributedConfig,
  forms: { arrays: (context, config) => new DistributedLearner(context, config) },
})
