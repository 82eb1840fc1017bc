import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { TransitionBatch } from '#env/transition-batch.js'
import type { LearnerContext, NumberArray } from '../learner.js'
import type { LinearInput } from './linear-inputs.js'
import { type Exploration, LinearLearner } from './linear-learner.js'

/** Linear values of some actions, moved one row at a time. */
export interface LinearEstimator {
  /** f64 [actions, columns + 1], the intercept last; changed in place. */
  readonly weights: Float64Array
  /** Everything learned, weights included, by name. */
  readonly arrays: { readonly [name: string]: NumberArray }
  /**
   * Moves Q(x, action), x being row 0, towards a target in reward units; returns target less Q before. Allocates nothing.
   * @param step - environment steps learned from before, over all rows
   */
  update(x: SparseMatrix, action: number, target: number, step: number): number
  variance?(x: SparseMatrix, action: number): number
}

/** Learns from each step once, as it comes. */
export class OnlineLearner extends LinearLearner {
  /** By agent; of its own agents only. */
  readonly #estimators: readonly (LinearEstimator | undefined)[]
  /** f64 [E, N], of the transition that is being learned from. */
  readonly #targets: Float64Array

  /**
   * @param estimator - makes an agent's estimator for `actions` actions
   * @throws SpaceError when an agent has neither features nor an observation
   */
  constructor(
    context: LearnerContext,
    exploration: Exploration,
    estimator: (input: LinearInput, actions: number) => LinearEstimator,
  ) {
    super(context, exploration)
    this.#estimators = this.inputs.map((input, i) => {
      return context.agents.includes(i) ? estimator(input, this.actionsOf[i]!) : undefined
    })
    this.#targets = new Float64Array(this.discount.length)
  }

  protected override learn(transition: TransitionBatch): void {
    const { before, actions, actionReward, layout, size } = transition
    const targets = this.#targets
    const step = this.step - size
    for (let row = 0; row < size; row++) {
      for (const agent of this.context.agents) {
        const k = row * layout.agents + agent
        if (before.alive[k] === 1) targets[k] = this.target(transition, k, agent)
      }
    }
    for (let row = 0; row < size; row++) {
      for (const agent of this.context.agents) {
        const k = row * layout.agents + agent
        if (before.alive[k] !== 1) continue
        const estimator = this.#estimators[agent]!
        const x = this.read(before, k, agent)
        this.noteError(estimator.update(x, actions[k]!, targets[k]!, step))
        if (actionReward.length === 0) continue
        for (let a = 0; a < this.actionsOf[agent]!; a++) {
          const known = actionReward[k * layout.numActions + a]!
          if (a !== actions[k] && !Number.isNaN(known)) estimator.update(x, a, known, step)
        }
      }
    }
  }

  protected override weightsOf(agent: number): Float64Array {
    return this.#estimators[agent]!.weights
  }

  protected override varianceOf(agent: number, x: SparseMatrix, action: number): number {
    return this.#estimators[agent]!.variance?.(x, action) ?? 0
  }

  protected override arraysOf(agent: number): { readonly [name: string]: NumberArray } {
    return this.#estimators[agent]!.arrays
  }
}
