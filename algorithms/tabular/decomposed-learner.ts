import { type TransitionBatch, teamDiscounts } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import type { LearnerContext } from '../learner.js'
import { teamWeights } from '../team-weights.js'
import type { LearningConfig } from './learning-config.js'
import { TabularLearner } from './tabular-learner.js'

/**
 * The team's value as a sum of its agents' tables, learned by one error that all of its parts share (decomposed-q.ts). Rewards are
 * those of a team, aggregated as the environment's score says.
 */
export class DecomposedLearner extends TabularLearner {
  readonly #weight: Float64Array
  /** f64 [E], of the team: discounts, and targets of the update under way. */
  readonly #teamDiscount: Float64Array
  readonly #target: Float64Array
  /** Parts of the sum that was worked out last. */
  #parts = 0

  constructor(context: LearnerContext, config: LearningConfig) {
    super(context, config)
    this.#weight = teamWeights(context)
    this.#teamDiscount = new Float64Array(context.rows)
    this.#target = new Float64Array(context.rows)
  }

  protected override learn(transition: TransitionBatch, rate: number): void {
    const { before, actions, layout, size } = transition
    const { agents, heads } = layout
    const { count, agentOf, placeOf } = this.own
    teamDiscounts(transition, this.context.discount, this.#teamDiscount)
    for (let row = 0; row < size; row++) this.#target[row] = this.#targetOf(transition, row)
    let sum = 0
    for (let row = 0; row < size; row++) {
      const error = this.#target[row]! - this.#valueOf(transition, row)
      sum += Math.abs(error)
      const step = this.stepOf(rate, this.#parts) * error
      for (let j = 0; j < count; j++) {
        const k = row * agents + agentOf[j]!
        if (before.alive[k] !== 1) continue
        const place = placeOf[j]!
        const entry = this.tables.row(place, before.observationId[k]!) + actions[row * agents * heads + place]!
        this.values[entry] = this.values[entry]! + step
      }
    }
    this.noteErrors(sum, size)
  }

  /** How far each of the parts moves, as a share of the error. @param parts - how many they are */
  protected stepOf(rate: number, _parts: number): number {
    return rate
  }

  /** What the team is worth in what follows a row: the sum of the best that each agent may do. */
  protected valueAfter({ after, layout }: TransitionBatch, row: number): number {
    const { width } = this.tables
    let next = 0
    for (let j = 0; j < this.own.count; j++) {
      const place = this.own.placeOf[j]!
      const k = row * layout.agents + this.own.agentOf[j]!
      if (after.alive[k] !== 1) continue
      const c = row * layout.agents * layout.heads + place
      next += greedyValue(this.values, this.tables.row(place, after.observationId[k]!), after.mask, c * width, width)
    }
    return next
  }

  /** The team's reward of a row, and what it counts that the agents go on. */
  #targetOf(transition: TransitionBatch, row: number): number {
    const { reward, layout } = transition
    let team = 0
    for (let i = 0; i < layout.agents; i++) team += this.#weight[i]! * reward[row * layout.agents + i]!
    const weight = this.#teamDiscount[row]!
    return weight === 0 ? team : team + weight * this.valueAfter(transition, row)
  }

  /** Q(s, a) of a row, the sum over the choices that were made. */
  #valueOf({ before, actions, layout }: TransitionBatch, row: number): number {
    let value = 0
    this.#parts = 0
    for (let j = 0; j < this.own.count; j++) {
      const place = this.own.placeOf[j]!
      const k = row * layout.agents + this.own.agentOf[j]!
      if (before.alive[k] !== 1) continue
      const c = row * layout.agents * layout.heads + place
      value += this.values[this.tables.row(place, before.observationId[k]!) + actions[c]!]!
      this.#parts++
    }
    return value
  }
}
