import { type TransitionBatch, teamDiscounts } from '#env/transition-batch.js'
import { greedyValue } from '../greedy-action.js'
import { defineLearner, type LearnerContext } from '../learner.js'
import { teamWeights } from '../team-weights.js'
import { type LearningConfig, learningConfig, readsNumbers } from './learning-config.js'
import { TabularLearner } from './tabular-learner.js'

/**
 * The team's temporal-difference error where its value is a sum over agents (Sunehag et al. 2017, section 3, in tables).
 * @param reward - of the team
 * @param value - sum of the agents' values of what they did
 * @param nextValue - sum of their best values of what they see next
 */
export function decomposedError(reward: number, discount: number, value: number, nextValue: number): number {
  return reward + discount * nextValue - value
}

/**
 * Value decomposition in tables (VDN, Sunehag et al. 2017): the team's value is a sum, Q(s, a) = sum_i Q_i(o_i, a_i), learned from
 * the team's reward by one error that all of its parts share. Each agent's best action is then its part of the best joint
 * action of the sum.
 *
 *     delta = R + discount * sum_i max_a' Q_i(o_i', a') - sum_i Q_i(o_i, a_i);  Q_i(o_i, a_i) += rate * delta
 *
 * Sums run over the choices of the agents that act: those that don't, before or afterwards, add nothing. Of several rows, all
 * errors are of the values before the step, and then add up. Deviations: tables; rewards are those of a team, aggregated as the
 * environment's score says.
 */
class DecomposedLearner extends TabularLearner {
  readonly #weight: Float64Array
  /** f64 [E]: discounts of the team, and its errors. */
  readonly #teamDiscount: Float64Array
  readonly #error: Float64Array

  constructor(context: LearnerContext, config: LearningConfig) {
    super(context, config)
    this.#weight = teamWeights(context)
    this.#teamDiscount = new Float64Array(context.rows)
    this.#error = new Float64Array(context.rows)
  }

  protected override learn(transition: TransitionBatch, rate: number): void {
    const { before, actions, layout, size } = transition
    const { agents, heads } = layout
    const { count, agentOf, placeOf } = this.own
    teamDiscounts(transition, this.context.discount, this.#teamDiscount)
    let sum = 0
    for (let row = 0; row < size; row++) {
      this.#error[row] = this.#errorOf(transition, row)
      sum += Math.abs(this.#error[row]!)
    }
    for (let row = 0; row < size; row++) {
      for (let j = 0; j < count; j++) {
        const k = row * agents + agentOf[j]!
        if (before.alive[k] !== 1) continue
        const place = placeOf[j]!
        const entry = this.tables.row(place, before.observationId[k]!) + actions[row * agents * heads + place]!
        this.values[entry] = this.values[entry]! + rate * this.#error[row]!
      }
    }
    this.noteErrors(sum, size)
  }

  #errorOf({ before, after, actions, reward, layout }: TransitionBatch, row: number): number {
    const { tables, values, own } = this
    const { width } = tables
    const weight = this.#teamDiscount[row]!
    let team = 0
    let value = 0
    let next = 0
    for (let i = 0; i < layout.agents; i++) team += this.#weight[i]! * reward[row * layout.agents + i]!
    for (let j = 0; j < own.count; j++) {
      const place = own.placeOf[j]!
      const k = row * layout.agents + own.agentOf[j]!
      const c = row * layout.agents * layout.heads + place
      if (before.alive[k] === 1) value += values[tables.row(place, before.observationId[k]!) + actions[c]!]!
      if (weight !== 0 && after.alive[k] === 1) {
        next += greedyValue(values, tables.row(place, after.observationId[k]!), after.mask, c * width, width)
      }
    }
    return decomposedError(team, weight, value, next)
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
