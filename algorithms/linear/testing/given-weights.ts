import { Rng } from '#env/rng.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { TransitionBatch } from '#env/transition-batch.js'
import type { LearnerContext } from '../../learner.js'
import { type Exploration, LinearLearner } from '../linear-learner.js'
import { pair, pairFeatures, pairWeights, seen } from './pair.js'
import { viewsByHand } from './step-by-hand.js'

/** Never tries anything at random. */
export const greedy: Exploration = { rule: 'epsilon-greedy', amount: 0 }

/** A learner whose weights are given; what it is told to learn is kept as it was. */
export class GivenWeights extends LinearLearner {
  readonly weights = pairWeights()
  learned: { readonly targets: number[]; readonly discounts: number[] }[] = []

  override weightsOf(agent: number) {
    return this.weights[agent]!
  }

  override arraysOf(agent: number) {
    return { weights: this.weights[agent]! }
  }

  override learn(transition: TransitionBatch) {
    const targets = Array.from(transition.reward, (_, k) => this.target(transition, k, k % 2))
    this.learned.push({ targets, discounts: [...this.discount] })
  }

  note(error: number) {
    this.noteError(error)
  }

  get taken() {
    return this.step
  }
}

/** One that says how unsure it is of each action, and notes what it was asked: agent, action, columns. */
export class Unsure extends GivenWeights {
  variances = [0, 0, 0]
  asked: number[][] = []

  override varianceOf(agent: number, x: SparseMatrix, action: number) {
    this.asked.push([agent, action, x.columns])
    return this.variances[action]!
  }
}

/** What it is made from: both agents, discount 0.5, two rows. */
export const contextOf = (more: Partial<LearnerContext> = {}): LearnerContext => ({
  spec: pair,
  agents: [0, 1],
  discount: 0.5,
  totalSteps: 100,
  rows: 2,
  rng: new Rng('linear'),
  ...more,
})
/** An `Unsure` learner. */
export const unsure = (exploration: Exploration = greedy, more: Partial<LearnerContext> = {}) =>
  new Unsure(contextOf(more), exploration)

/** What it chooses. @param before - what stands in the actions until then */
export const act = (learner: LinearLearner, given: object = seen, before = [0, 0, 0, 0]) => {
  const actions = Int32Array.from(before)
  learner.act(viewsByHand(pair, 2, given, pairFeatures), actions)
  return [...actions]
}
