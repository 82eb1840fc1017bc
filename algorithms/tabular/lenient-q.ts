import { z } from 'zod'
import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner, type LearnerContext, type NumberArray } from '../learner.js'
import { epsilonGreedyValue } from './expected-sarsa.js'
import { learningConfig, readsNumbers } from './learning-config.js'
import { OneStepLearner } from './one-step-learner.js'

const lenientConfig = learningConfig.extend({
  leniency: z.number().gt(0).default(1).describe('how forgiving a temperature makes: the higher, the more is forgiven'),
  maxTemperature: z.number().min(0).default(50).describe('temperature of every observation and action at the start'),
  decay: z.number().min(0).max(1).default(0.995).describe('factor on a temperature each time its entry is met'),
  diffusion: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('share of a temperature that comes from the actions of the next observation'),
})

type LenientConfig = z.infer<typeof lenientConfig>

/**
 * The chance that bad news about an entry is believed (Wei and Luke 2016, section 4): 1 - exp(-1 / (leniency T)).
 * @param temperature - T of the entry, >= 0
 */
export function believes(leniency: number, temperature: number): number {
  return 1 - Math.exp(-1 / (leniency * temperature))
}

/**
 * Lenient Q-learning (Panait, Sullivan and Luke 2006; LMRL2, Wei and Luke 2016, section 4), every agent for itself: bad news is
 * forgiven at first, as it may be the others' exploration, and believed more and more as an entry cools.
 *
 *     Q(o, a) moves where the target isn't below it, or with probability 1 - exp(-1 / (leniency T(o, a)))
 *     T(o, a) <- decay ((1 - diffusion) T(o, a) + diffusion mean_b T(o', b)), without diffusion where nothing follows
 *
 * The mean runs over the actions legal in o'. Targets, temperatures and leniency are those before the step. Deviation: actions are
 * chosen epsilon-greedily, not by Boltzmann's distribution of the temperatures.
 */
class LenientLearner extends OneStepLearner {
  readonly #config: LenientConfig
  /** f64 [entries] */
  readonly #temperature: Float64Array
  /** f64 [E, N, H], mean temperature of what follows; NaN where nothing does. */
  readonly #warmth: Float64Array
  #rate = 0

  constructor(context: LearnerContext, config: LenientConfig) {
    super(context, config)
    this.#config = config
    this.#temperature = new Float64Array(this.values.length).fill(config.maxTemperature)
    this.#warmth = new Float64Array(context.rows * this.tables.count.length)
  }

  /** What is warm next depends on whether the agent acts on, whatever the discount is. */
  protected override beginUpdate(rate: number, { after, terminated, layout, size }: TransitionBatch): void {
    this.#rate = rate
    this.#warmth.fill(Number.NaN)
    const { count, agentOf, placeOf } = this.own
    const { width } = this.tables
    for (let row = 0; row < size; row++) {
      if (terminated[row] === 1) continue
      for (let j = 0; j < count; j++) {
        const k = row * layout.agents + agentOf[j]!
        const c = row * layout.actionsOf.length + placeOf[j]!
        if (after.alive[k] !== 1) continue
        const nextRow = this.tables.row(placeOf[j]!, after.observationId[k]!)
        this.#warmth[c] = epsilonGreedyValue(this.#temperature, nextRow, after.mask, c * width, width, 1)
      }
    }
  }

  protected override nextValue({ after }: TransitionBatch, c: number, nextRow: number): number {
    const { width } = this.tables
    return greedyValue(this.values, nextRow, after.mask, c * width, width)
  }

  /** One draw for every step of an agent. */
  protected override stepSize(error: number, entry: number): number {
    const draw = this.context.rng.uniform()
    const believed = error >= 0 || draw < believes(this.#config.leniency, this.#temperature[entry]!)
    return believed ? this.#rate : 0
  }

  protected override move(c: number, entry: number, target: number, step: number): void {
    super.move(c, entry, target, step)
    const { decay, diffusion } = this.#config
    const own = this.#temperature[entry]!
    const warmth = this.#warmth[c]!
    this.#temperature[entry] = decay * (Number.isNaN(warmth) ? own : (1 - diffusion) * own + diffusion * warmth)
  }

  protected override kept(): { readonly [name: string]: NumberArray } {
    return { temperature: this.#temperature }
  }
}

export const lenientQ = defineLearner<LenientConfig>({
  name: 'lenient-q',
  aliases: [],
  summary: 'independent learners that forgive bad news at first and believe it as they cool',
  version: '2',
  needs: readsNumbers,
  schema: lenientConfig,
  forms: { arrays: (context, config) => new LenientLearner(context, config) },
})
