import type { Policy } from '#env/policy.js'
import { sampleMasked } from '#env/space.js'
import { type AgentViews, discounts, type TransitionBatch } from '#env/transition-batch.js'
import { greedyAction } from '../greedy-action.js'
import type { Learner, LearnerContext, LearnerMetrics, LearnerState, NumberArray } from '../learner.js'
import { type OwnChoices, ownChoices } from '../own-choices.js'
import { loadArrays, saveArrays } from '../saved-arrays.js'
import { scheduleAt } from '../schedule.js'
import { AgentTables } from './agent-tables.js'
import type { LearningConfig } from './learning-config.js'
import { IndependentTabularPolicy } from './tabular-policy.js'
import { valueRange } from './value-range.js'

/**
 * What learners on a table an agent share: epsilon-greedy acting on `values`, the discounts of a transition, the step count,
 * metrics and states. What remains is the update, one file an algorithm. Each choice of a multi-discrete space has a table of
 * its own, and is learned as an agent's would be.
 *
 * Of several rows, all learn from the values before the step: errors come first, then the rows' updates one after the other.
 */
export abstract class TabularLearner implements Learner {
  protected readonly context: LearnerContext
  protected readonly tables: AgentTables
  protected readonly own: OwnChoices
  /** f64 [entries], in reward units: what is acted on. */
  protected readonly values: Float64Array
  /** f64 [E, N], of the transition that is being learned from. */
  protected readonly discount: Float64Array
  /** Environment steps learned from, over all rows. */
  protected step = 0
  /** Sum of the errors' sizes since the last metrics, and how many they are. */
  readonly #errors = new Float64Array(2)
  readonly #config: LearningConfig

  /** @throws NotEnumerableError when the observations of one of its agents aren't numbered */
  constructor(context: LearnerContext, config: LearningConfig) {
    this.context = context
    this.#config = config
    this.tables = new AgentTables(context.spec, context.agents)
    this.own = ownChoices(context)
    this.values = new Float64Array(this.tables.length).fill(config.initialValue)
    this.discount = new Float64Array(context.rows * context.spec.agents.length)
  }

  act(batch: AgentViews, actions: Int32Array): void {
    const { mask, observationId, alive, layout, size } = batch
    const { agents } = layout
    const choices = layout.actionsOf.length
    const { count, agentOf, placeOf } = this.own
    const { tables, values, context } = this
    const { width, offset, count: rowsOf } = tables
    const { rng } = context
    const epsilon = this.epsilon()
    for (let row = 0, firstK = 0, firstC = 0; row < size; row++, firstK += agents, firstC += choices) {
      for (let j = 0; j < count; j++) {
        const place = placeOf[j]!
        const k = firstK + agentOf[j]!
        const c = firstC + place
        let action = -1
        if (rng.uniform() < epsilon) action = sampleMasked(mask, c * width, width, rng)
        else if (alive[k] === 1) {
          const seen = observationId[k]!
          // `AgentTables.row`, written out: the call costs a fifth of all acting.
          if (seen >>> 0 >= rowsOf[place]!) tables.refuse(place, seen)
          action = greedyAction(values, offset[place]! + seen * width, mask, c * width, width)
        }
        actions[c] = action < 0 ? 0 : action
      }
    }
  }

  /** As `act`, choice by choice: for learners that choose otherwise. */
  protected actBy(
    batch: AgentViews,
    actions: Int32Array,
    choose: (c: number, k: number, place: number) => number,
  ): void {
    const { agents, actionsOf } = batch.layout
    const { count, agentOf, placeOf } = this.own
    for (let row = 0; row < batch.size; row++) {
      for (let j = 0; j < count; j++) {
        const c = row * actionsOf.length + placeOf[j]!
        actions[c] = Math.max(0, choose(c, row * agents + agentOf[j]!, placeOf[j]!))
      }
    }
  }

  update(transition: TransitionBatch): void {
    discounts(transition, this.context.discount, this.discount)
    this.learn(transition, this.rate())
    this.step += transition.size
  }

  /** Learns from a transition with the discounts in `discount`. @param rate - step size */
  protected abstract learn(transition: TransitionBatch, rate: number): void

  /** Arrays that it keeps beside `values`, by name; the same ones for good. */
  protected kept(): { readonly [name: string]: NumberArray } {
    return {}
  }

  /**
   * An exploring choice; one draw for whether it explores, one more where it does.
   * @param c - the choice's place in the batch's masks, k - its agent's in the other views
   * @returns a legal action, or -1 where there is none
   */
  protected choose(batch: AgentViews, c: number, k: number, place: number, epsilon: number): number {
    const { rng } = this.context
    const { width } = this.tables
    if (rng.uniform() < epsilon) return sampleMasked(batch.mask, c * width, width, rng)
    if (batch.alive[k] !== 1) return -1
    return greedyAction(this.values, this.tables.row(place, batch.observationId[k]!), batch.mask, c * width, width)
  }

  protected epsilon(): number {
    return scheduleAt(this.#config.exploration, this.step, this.context.totalSteps)
  }

  protected rate(): number {
    return scheduleAt(this.#config.learningRate, this.step, this.context.totalSteps)
  }

  /** Counts errors for the metrics. @param sum - of their sizes */
  protected noteErrors(sum: number, count: number): void {
    this.#errors[0] = this.#errors[0]! + sum
    this.#errors[1] = this.#errors[1]! + count
  }

  metrics(): LearnerMetrics {
    const sum = this.#errors[0]!
    const count = this.#errors[1]!
    this.#errors.fill(0)
    return {
      ...(count > 0 ? { 'td-error': sum / count } : {}),
      ...valueRange(this.values),
      epsilon: this.epsilon(),
      'learning-rate': this.rate(),
    }
  }

  policy(): Policy {
    return new IndependentTabularPolicy(this.context.spec, this.values, undefined, this.context.agents)
  }

  saveState(): LearnerState {
    return saveArrays({ values: this.values, errors: this.#errors, ...this.kept() }, this.step, this.context.rng)
  }

  loadState(state: LearnerState): void {
    this.step = loadArrays(state, { values: this.values, errors: this.#errors, ...this.kept() }, this.context.rng)
  }
}
