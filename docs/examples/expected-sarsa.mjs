/** @import { Learner, LearnerContext, LearnerState } from 'cadre/algorithms' */
/** @import { AgentViews, TransitionBatch } from 'cadre/env' */
import { AgentTables, greedyAction, IndependentTabularPolicy, loadArrays, saveArrays } from 'cadre/algorithms'
import { discounts, sampleMasked } from 'cadre/env'
import { z } from 'zod'

const schema = z.strictObject({
  learningRate: z.number().gt(0).max(1).default(0.1).describe('step size'),
  exploration: z.number().min(0).max(1).default(0.1).describe('chance of a uniformly random legal action'),
})

/**
 * Expected SARSA (van Seijen et al. 2009), every agent for itself, epsilon-greedy.
 *
 *     Q(o, a) += learningRate * (r + discount * sum over a' of pi(a' | o') Q(o', a') - Q(o, a))
 * @implements {Learner}
 */
class ExpectedSarsa {
  /** @param {LearnerContext} context @param {z.infer<typeof schema>} config */
  constructor(context, config) {
    this.context = context
    this.config = config
    this.step = 0
    this.tables = new AgentTables(context.spec, context.agents)
    /** f64, the agents' tables [observations, A] one after the other. */
    this.values = new Float64Array(this.tables.length)
    /** f64 [E, N], what the value of what follows counts. */
    this.discount = new Float64Array(context.rows * context.spec.agents.length)
  }
  /** @param {AgentViews} batch @param {Int32Array} actions */
  act({ alive, mask, observationId, layout: { agents, numActions } }, actions) {
    const { rng } = this.context
    for (let k = 0; k < actions.length; k++) {
      if (alive[k] === 0) actions[k] = 0
      else if (rng.uniform() < this.config.exploration) actions[k] = sampleMasked(mask, k * numActions, numActions, rng)
      else {
        const row = this.tables.row(k % agents, observationId[k])
        actions[k] = greedyAction(this.values, row, mask, k * numActions, numActions)
      }
    }
  }
  /** @param {TransitionBatch} transition */
  update(transition) {
    const { before, actions, reward, after, layout, size } = transition
    discounts(transition, this.context.discount, this.discount)
    for (let k = 0; k < reward.length; k++) {
      if (before.alive[k] === 0) continue
      const agent = k % layout.agents
      const entry = this.tables.row(agent, before.observationId[k]) + actions[k]
      const next =
        this.discount[k] === 0 ? 0 : this.expected(this.tables.row(agent, after.observationId[k]), after.mask, k)
      const target = reward[k] + this.discount[k] * next
      this.values[entry] += this.config.learningRate * (target - this.values[entry])
    }
    this.step += size
  }
  /** Value of an observation under the exploring policy. @type {(row: number, mask: Uint8Array, k: number) => number} */
  expected(row, mask, k) {
    const n = this.tables.width
    let [sum, legal] = [0, 0]
    for (let a = 0; a < n; a++) if (mask[k * n + a] === 1) [sum, legal] = [sum + this.values[row + a], legal + 1]
    const best = this.values[row + greedyAction(this.values, row, mask, k * n, n)]
    return (1 - this.config.exploration) * best + (this.config.exploration * sum) / legal
  }
  policy = () => new IndependentTabularPolicy(this.context.spec, this.values, undefined, this.context.agents)
  saveState = () => saveArrays({ values: this.values }, this.step, this.context.rng)
  /** @param {LearnerState} state */
  loadState(state) {
    this.step = loadArrays(state, { values: this.values }, this.context.rng)
  }
}
export default {
  name: 'my-expected-sarsa',
  version: '1',
  needs: () => ({ observation: false, state: false }),
  schema,
  /** @type {{ arrays: (context: LearnerContext, config: z.infer<typeof schema>) => Learner }} */
  forms: { arrays: (context, config) => new ExpectedSarsa(context, config) },
}
