import { z } from 'zod'
import type { TransitionBatch } from '#env/transition-batch.js'
import { greedyAction, greedyValue } from '../greedy-action.js'
import { defineLearner, type LearnerContext, type NumberArray } from '../learner.js'
import { learningConfig, readsNumbers } from './learning-config.js'
import { moveTowards } from './one-step-learner.js'
import { TabularLearner } from './tabular-learner.js'

const nStepConfig = learningConfig.extend({
  n: z.int().min(1).max(1000).default(3).describe('steps of reward in a target, at most'),
  exploring: z
    .enum(['cut', 'follow'])
    .default('cut')
    .describe(
      'rewards that follow an exploring action: cut: left out (tree backup); follow: counted, as if it were greedy',
    ),
})

type NStepConfig = z.infer<typeof nStepConfig>

/**
 * n-step Q-learning by tree backup with a greedy target policy (Precup, Sutton and Singh 2000; Sutton and Barto 2018, section
 * 7.5), every agent for itself. What was seen at time t is learned from n steps later:
 *
 *     G_t = r_{t+1} + discount_{t+1} * (a_{t+1} is greedy and more steps are known ? G_{t+1} : max_a Q(o_{t+1}, a))
 *     Q(o_t, a_t) += rate * (G_t - Q(o_t, a_t))
 *
 * So a target never counts rewards that follow an exploring action, and needs no importance weights. At the end of an episode,
 * at a cut-off, where the agent leaves and at the end of training, all that is known is learned from, oldest first. n = 1 is Q-learning. Ties go to the
 * lowest action, as they do in acting. With `exploring: follow` targets reach over exploring actions too, as in Mnih et al. 2016,
 * algorithm S2. Deviations: none.
 */
class NStepLearner extends TabularLearner {
  readonly #n: number
  readonly #follows: boolean
  /** i32 [E, N, H], steps remembered of each choice. */
  readonly #length: Int32Array
  /** [E, N, H, n] each, oldest first: the entry met; where the next row begins; the reward; what the next value counts. */
  readonly #entry: Int32Array
  readonly #nextRow: Int32Array
  readonly #reward: Float64Array
  readonly #weight: Float64Array
  /** u8 [E, N, H, n, A], what was legal next. */
  readonly #nextMask: Uint8Array
  /** f64 [E, N, H, n], targets of the update under way; i32 [E, N, H], how many they are. */
  readonly #target: Float64Array
  readonly #learned: Int32Array

  constructor(context: LearnerContext, config: NStepConfig) {
    super(context, config)
    this.#n = config.n
    this.#follows = config.exploring === 'follow'
    const choices = context.rows * this.tables.count.length
    const steps = choices * config.n
    this.#length = new Int32Array(choices)
    this.#entry = new Int32Array(steps)
    this.#nextRow = new Int32Array(steps)
    this.#reward = new Float64Array(steps)
    this.#weight = new Float64Array(steps)
    this.#nextMask = new Uint8Array(steps * this.tables.width)
    this.#target = new Float64Array(steps)
    this.#learned = new Int32Array(choices)
  }

  protected override learn(transition: TransitionBatch, rate: number): void {
    const { before, layout, size, ended } = transition
    const { count, agentOf, placeOf } = this.own
    const n = this.#n
    for (let row = 0; row < size; row++) {
      for (let j = 0; j < count; j++) {
        const k = row * layout.agents + agentOf[j]!
        const c = row * layout.agents * layout.heads + placeOf[j]!
        this.#learned[c] = 0
        if (before.alive[k] !== 1) continue
        this.#remember(transition, c, k, placeOf[j]!)
        const isLast = ended[row] === 1 || this.discount[k] === 0
        if (!isLast && this.#length[c] !== n) continue
        this.#learned[c] = isLast ? this.#length[c]! : 1
        this.#computeTargets(c)
      }
    }
    for (let c = 0; c < this.#learned.length; c++) {
      if (this.#learned[c]! > 0) this.#move(c, rate)
    }
  }

  /** Learns from the steps still remembered of every row, as if it were cut off after the last one. */
  finish(): void {
    const rate = this.rate()
    for (let c = 0; c < this.#length.length; c++) {
      this.#learned[c] = this.#length[c]!
      if (this.#learned[c]! > 0) this.#computeTargets(c)
    }
    for (let c = 0; c < this.#learned.length; c++) {
      if (this.#learned[c]! > 0) this.#move(c, rate)
    }
  }

  #remember({ before, after, actions, reward }: TransitionBatch, c: number, k: number, place: number): void {
    const { tables, discount } = this
    const { width } = tables
    const at = c * this.#n + this.#length[c]!
    this.#entry[at] = tables.row(place, before.observationId[k]!) + actions[c]!
    this.#reward[at] = reward[k]!
    this.#weight[at] = discount[k]!
    this.#nextRow[at] = discount[k] === 0 ? 0 : tables.row(place, after.observationId[k]!)
    for (let a = 0; a < width; a++) this.#nextMask[at * width + a] = after.mask[c * width + a]!
    this.#length[c] = this.#length[c]! + 1
  }

  /** G of every step remembered, from the newest back, under the values as they are. */
  #computeTargets(c: number): void {
    const { values } = this
    const { width } = this.tables
    const first = c * this.#n
    const newest = first + this.#length[c]! - 1
    let following = 0
    for (let at = newest; at >= first; at--) {
      const nextRow = this.#nextRow[at]!
      const greedy = nextRow + greedyAction(values, nextRow, this.#nextMask, at * width, width)
      const goesOn = at < newest && (this.#follows || this.#entry[at + 1] === greedy)
      const next = goesOn ? following : greedyValue(values, nextRow, this.#nextMask, at * width, width)
      following = this.#reward[at]! + this.#weight[at]! * next
      this.#target[at] = following
    }
  }

  /** Moves the oldest entries, and forgets their steps. */
  #move(c: number, rate: number): void {
    const { values } = this
    const { width } = this.tables
    const first = c * this.#n
    const learned = this.#learned[c]!
    const end = first + this.#length[c]!
    let errors = 0
    for (let at = first; at < first + learned; at++) {
      errors += Math.abs(this.#target[at]! - values[this.#entry[at]!]!)
      moveTowards(values, this.#entry[at]!, this.#target[at]!, rate)
    }
    this.noteErrors(errors, learned)
    for (const steps of [this.#entry, this.#nextRow, this.#reward, this.#weight]) {
      steps.copyWithin(first, first + learned, end)
    }
    this.#nextMask.copyWithin(first * width, (first + learned) * width, end * width)
    this.#length[c] = this.#length[c]! - learned
  }

  protected override kept(): { readonly [name: string]: NumberArray } {
    return {
      length: this.#length,
      entry: this.#entry,
      nextRow: this.#nextRow,
      reward: this.#reward,
      weight: this.#weight,
      nextMask: this.#nextMask,
    }
  }
}

export const nStepQ = defineLearner<NStepConfig>({
  name: 'n-step-q',
  aliases: ['tree-backup'],
  summary: 'targets of several steps, cut where an action was exploring (tree backup)',
  version: '2',
  needs: readsNumbers,
  schema: nStepConfig,
  forms: { arrays: (context, config) => new NStepLearner(context, config) },
})
