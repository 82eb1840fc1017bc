import { z } from 'zod'
import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner, type LearnerContext, type NumberArray } from '../learner.js'
import { learningConfig, readsNumbers } from './learning-config.js'
import { TabularLearner } from './tabular-learner.js'

const qLambdaConfig = learningConfig.extend({
  lambda: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe('how far back an error reaches: 0 one step, 1 the whole trace'),
  traces: z
    .enum(['replacing', 'accumulating'])
    .default('replacing')
    .describe('what an entry met again has: replacing: 1; accumulating: 1 more'),
  longest: z.int().min(1).max(10_000).default(256).describe('entries of a trace; beyond them the oldest is forgotten'),
})

type QLambdaConfig = z.infer<typeof qLambdaConfig>

/**
 * Watkins's Q(lambda) (Watkins 1989, chapter 7; Sutton and Barto 1998, figure 7.14), every agent for itself: the error of a step is
 * shared with the entries met on the way there, as long as the actions in between were greedy.
 *
 *     delta = r + discount * max_a' Q(o', a') - Q(o, a)
 *     e(o, a) = 1 (or += 1);  Q += rate * delta * e;  e *= discount * lambda, or 0 where the next action is exploring
 *
 * A trace ends with its episode, at a cut-off, and where the agent leaves. Of several rows, all
 * targets are of the values before the step; each error is what its target is off the value as it stands then. Deviations: a trace holds its last `longest` entries; it is dropped where it falls below 1e-16.
 */
class QLambdaLearner extends TabularLearner {
  readonly #config: QLambdaConfig
  /** i32 [E, N, H], length of each trace. i32 and f64 [E, N, H, longest], its entries, oldest first, and what they count. */
  readonly #length: Int32Array
  readonly #entry: Int32Array
  readonly #trace: Float64Array
  /** f64 [E, N, H], discount * lambda of the step before; of the update under way, targets (NaN = the agent didn't act). */
  readonly #decay: Float64Array
  readonly #target: Float64Array

  constructor(context: LearnerContext, config: QLambdaConfig) {
    super(context, config)
    this.#config = config
    const choices = context.rows * this.tables.count.length
    this.#length = new Int32Array(choices)
    this.#entry = new Int32Array(choices * config.longest)
    this.#trace = new Float64Array(choices * config.longest)
    this.#decay = new Float64Array(choices)
    this.#target = new Float64Array(choices)
  }

  protected override learn(transition: TransitionBatch, rate: number): void {
    const { before, after, actions, reward, layout, size, ended } = transition
    const { tables, values, own, discount } = this
    const { width } = tables
    const { count, agentOf, placeOf } = own
    let sum = 0
    let learned = 0
    this.#target.fill(Number.NaN)
    for (let row = 0; row < size; row++) {
      for (let j = 0; j < count; j++) {
        const k = row * layout.agents + agentOf[j]!
        const c = row * layout.agents * layout.heads + placeOf[j]!
        if (before.alive[k] !== 1) continue
        const seen = tables.row(placeOf[j]!, before.observationId[k]!)
        const entry = seen + actions[c]!
        const wasGreedy = values[entry]! >= greedyValue(values, seen, before.mask, c * width, width)
        this.#fade(c, wasGreedy ? this.#decay[c]! : 0)
        this.#meet(c, entry)
        const weight = discount[k]!
        const nextRow = weight === 0 ? 0 : tables.row(placeOf[j]!, after.observationId[k]!)
        const next = weight === 0 ? 0 : greedyValue(values, nextRow, after.mask, c * width, width)
        const target = reward[k]! + weight * next
        this.#target[c] = target
        this.#decay[c] = ended[row] === 1 ? 0 : weight * this.#config.lambda
        sum += Math.abs(target - values[entry]!)
        learned++
      }
    }
    for (let c = 0; c < this.#target.length; c++) {
      if (!Number.isNaN(this.#target[c])) this.#spread(c, rate)
    }
    this.noteErrors(sum, learned)
  }

  /** Multiplies a trace by a factor, and drops what is next to nothing. */
  #fade(c: number, factor: number): void {
    const first = c * this.#config.longest
    let kept = 0
    for (let m = 0; m < this.#length[c]!; m++) {
      const count = factor * this.#trace[first + m]!
      if (count < 1e-16) continue
      this.#trace[first + kept] = count
      this.#entry[first + kept] = this.#entry[first + m]!
      kept++
    }
    this.#length[c] = kept
  }

  /** Adds the entry just met to a trace. */
  #meet(c: number, entry: number): void {
    const { longest, traces } = this.#config
    const first = c * longest
    let count = 1
    let kept = 0
    for (let m = 0; m < this.#length[c]!; m++) {
      if (this.#entry[first + m] === entry) {
        if (traces === 'accumulating') count += this.#trace[first + m]!
        continue
      }
      this.#entry[first + kept] = this.#entry[first + m]!
      this.#trace[first + kept] = this.#trace[first + m]!
      kept++
    }
    if (kept === longest) {
      this.#entry.copyWithin(first, first + 1, first + longest)
      this.#trace.copyWithin(first, first + 1, first + longest)
      kept--
    }
    this.#entry[first + kept] = entry
    this.#trace[first + kept] = count
    this.#length[c] = kept + 1
  }

  /** Q += rate * delta * e, delta being of the entry met last. */
  #spread(c: number, rate: number): void {
    const { values } = this
    const first = c * this.#config.longest
    const last = first + this.#length[c]! - 1
    const step = rate * (this.#target[c]! - values[this.#entry[last]!]!)
    for (let m = first; m <= last; m++) {
      const entry = this.#entry[m]!
      values[entry] = values[entry]! + step * this.#trace[m]!
    }
  }

  protected override kept(): { readonly [name: string]: NumberArray } {
    return { length: this.#length, entry: this.#entry, trace: this.#trace, decay: this.#decay }
  }
}

export const qLambda = defineLearner<QLambdaConfig>({
  name: 'q-lambda',
  aliases: ['watkins-q-lambda'],
  summary: "errors reach back along the trace of greedy actions (Watkins's Q(lambda))",
  version: '1',
  needs: readsNumbers,
  schema: qLambdaConfig,
  forms: { arrays: (context, config) => new QLambdaLearner(context, config) },
})
