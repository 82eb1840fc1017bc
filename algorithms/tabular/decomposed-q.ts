import { type TransitionBatch, teamDiscounts } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner, type LearnerContext } from '../learner.js'
import { teamWeights } from '../team-weights.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { TabularLearner } from './tabular-learner.js'

/**
 * Value decomposition in tables (VDN, Sunehag et al. 2017): the team's value is a sum, Q(s, a) = sum_i Q_i(o_i, a_i), learned from
 * the team's reward by one error that all of its parts share. Each agent's best action is then its part of the best joint
 * action of the sum.
 *
 *     delta = R + discount * sum_i max_a' Q_i(o_i', a') - sum_i Q_i(o_i, a_i);  Q_i(o_i, a_i) += rate * delta
 *
 * Sums run over the choices of the agents that act: those that don't, before or afterwards, add nothing. Of several rows, all
 * targets are of the values before the step; each error is what its target is off the sum as it stands then. Deviations: tables; rewards are those of a team, aggregated as the
 * environment's score says.
 */
class DecomposedLearner extends TabularLearner {
  readonly #weight: Float64Array
  /** f64 [E], of the team: discounts, and targets of the update under way. */
  readonly #teamDiscount: Float64Array
  readonly #target: Float64Array

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
      for (let j = 0; j < count; j++) {
        const k = row * agents + agentOf[j]!
        if (before.alive[k] !== 1) continue
        const place = placeOf[j]!
        const entry = this.tables.row(place, before.observationId[k]!) + actions[row * agents * heads + place]!
        this.values[entry] = this.values[entry]! + rate * error
      }
    }
    this.noteErrors(sum, size)
  }

  /** The team's reward of a row, and what it counts that the agents go on. */
  #targetOf({ after, reward, layout }: TransitionBatch, row: number): number {
    const { width } = this.tables
    let team = 0
    for (let i = 0; i < layout.agents; i++) team += this.#weight[i]! * reward[row * layout.agents + i]!
    const weight = this.#teamDiscount[row]!
    if (weight === 0) return team
    let next = 0
    for (let j = 0; j < this.own.count; j++) {
      const place = this.own.placeOf[j]!
      const k = row * layout.agents + this.own.agentOf[j]!
      if (after.alive[k] !== 1) continue
      const c = row * layout.agents * layout.heads + place
      next += greedyValue(this.values, this.tables.row(place, after.observationId[k]!), after.mask, c * width, width)
    }
    return team + weight * next
  }

  /** Q(s, a) of a row, the sum over the choices that were made. */
  #valueOf({ before, actions, layout }: TransitionBatch, row: number): number {
    let value = 0
    for (let j = 0; j < this.own.count; j++) {
      const place = this.own.placeOf[j]!
      const k = row * layout.agents + this.own.agentOf[j]!
      if (before.alive[k] !== 1) continue
      const c = row * layout.agents * layout.heads + place
      value += this.values[this.tables.row(place, before.observationId[k]!) + actions[c]!]!
    }
    return value
  }
}

export const decomposedQ = defineLearner<LearningConfig>({
  name: 'decomposed-q',
  aliases: ['vdn-tabular'],
  summary: "one value of the team, a sum of the agents' tables, learned by one shared error",
  version: '1',
  needs: readsNumbers,
  schema: learningConfig,
  forms: { arrays: (context, config) => new DecomposedLearner(context, config) },
})
