import { z } from 'zod'
import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner, type LearnerContext, type NumberArray } from '../learner.js'
import { learningConfig, readsNumbers } from './learning-config.js'
import { OneStepLearner } from './one-step-learner.js'

const lenientConfig = learningConfig.extend({
  leniency: z.number().min(0).default(2).describe('K: how forgiving a temperature makes; 0 is plain Q-learning'),
  temperature: z.number().min(0).default(1).describe('temperature of every observation and action at the start'),
  cooling: z.number().min(0).max(1).default(0.995).describe('factor on a temperature each time its entry is met'),
})

type LenientConfig = z.infer<typeof lenientConfig>

/**
 * The chance that bad news about an entry is believed (Panait, Sullivan and Luke 2006, section 3; Wei and Luke 2016, equation 2).
 * @param temperature - of the entry, >= 0
 */
export function believes(leniency: number, temperature: number): number {
  return Math.exp(-leniency * temperature)
}

/**
 * Lenient Q-learning (Panait, Sullivan and Luke 2006; Wei and Luke 2016, section 3): bad news is forgiven at first, as it may be
 * the others' exploration, and believed more and more as an entry cools. An error below 0 moves its entry only with
 * probability exp(-K T(o, a)); then T(o, a) <- cooling * T(o, a), whatever came of it.
 * Deviations: actions are chosen epsilon-greedily, not by Boltzmann's distribution of the temperatures; temperatures aren't
 * mixed with those of the next observation.
 */
class LenientLearner extends OneStepLearner {
  readonly #config: LenientConfig
  /** f64 [entries] */
  readonly #temperature: Float64Array
  #rate = 0

  constructor(context: LearnerContext, config: LenientConfig) {
    super(context, config)
    this.#config = config
    this.#temperature = new Float64Array(this.values.length).fill(config.temperature)
  }

  protected override beginUpdate(rate: number): void {
    this.#rate = rate
  }

  protected override nextValue({ after }: TransitionBatch, c: number, nextRow: number): number {
    const { width } = this.tables
    return greedyValue(this.values, nextRow, after.mask, c * width, width)
  }

  /** One draw where the news is bad. */
  protected override stepSize(error: number, entry: number): number {
    if (error >= 0) return this.#rate
    const believed = this.context.rng.uniform() < believes(this.#config.leniency, this.#temperature[entry]!)
    return believed ? this.#rate : 0
  }

  protected override move(c: number, entry: number, target: number, step: number): void {
    super.move(c, entry, target, step)
    this.#temperature[entry] = this.#config.cooling * this.#temperature[entry]!
  }

  protected override kept(): { readonly [name: string]: NumberArray } {
    return { temperature: this.#temperature }
  }
}

export const lenientQ = defineLearner<LenientConfig>({
  name: 'lenient-q',
  aliases: [],
  summary: 'independent learners that forgive bad news at first and believe it as they cool',
  version: '1',
  needs: readsNumbers,
  schema: lenientConfig,
  forms: { arrays: (context, config) => new LenientLearner(context, config) },
})
