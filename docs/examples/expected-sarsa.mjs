/** @import { Learner, LearnerContext, LearnerState } from 'cadre/algorithms' */
/** @import { TransitionBatch } from 'cadre/env' */
import { greedyAction, IndependentTabularPolicy, loadTable, saveTable, tableOffsets } from 'cadre/algorithms'
import { sampleMasked } from 'cadre/env'
import { z } from 'zod'

const schema = z.strictObject({
  learningRate: z.number().gt(0).max(1).default(0.1).describe('step size'),
  exploration: z.number().min(0).max(1).default(0.1).describe('chance of a uniformly random legal action'),
})

/**
 * Expected SARSA (van Seijen et al. 2009), every agent for itself, epsilon-greedy: an observation is worth what the agent
 * can expect there with its own exploration, not what the best action would bring.
 *
 *     Q(o, a) += learningRate * (r + gamma * sum over a' of pi(a' | o') Q(o', a') - Q(o, a))
 *
 * @implements {Learner}
 */
class ExpectedSarsa {
  /** @param {LearnerContext} context @param {z.infer<typeof schema>} config */
  constructor(context, config) {
    this.context = context
    this.config = config
    this.step = 0
    this.offsets = tableOffsets(context.spec)
    /** f64, agent i's table [observations, A] from offsets[i] on. */
    this.values = new Float64Array(this.offsets[context.spec.agents.length])
    /** i32 [E, N], where the last actions stand in the tables; -1 for agents that didn't act. */
    this.entries = new Int32Array(context.rows * context.spec.agents.length)
  }
  /** @param {TransitionBatch} batch @param {Int32Array} actions */
  act(batch, actions) {
    const { agents, numActions } = batch.layout
    const { rng } = this.context
    for (let k = 0; k < actions.length; k++) {
      const first = this.offsets[k % agents] + batch.observationId[k] * numActions
      const explores = rng.uniform() < this.config.exploration
      const action = explores
        ? sampleMasked(batch.mask, k * numActions, numActions, rng)
        : greedyAction(this.values, first, batch.mask, k * numActions, numActions)
      actions[k] = Math.max(action, 0)
      this.entries[k] = action < 0 ? -1 : first + action
    }
  }
  /** @param {TransitionBatch} batch @param {Int32Array} actions */
  update(batch, actions) {
    const { agents, numActions } = batch.layout
    for (let k = 0; k < actions.length; k++) {
      if (this.entries[k] < 0) continue
      const row = Math.floor(k / agents)
      const ended = batch.ended[row] === 1
      const id = (ended ? batch.finalObservationId : batch.observationId)[k]
      const first = this.offsets[k % agents] + id * numActions
      const next = this.expected(first, ended ? batch.finalMask : batch.mask, k * numActions, numActions)
      const discount = batch.terminated[row] === 1 ? 0 : this.context.discount ** batch.elapsed[row]
      const tdError = batch.reward[k] + discount * next - this.values[this.entries[k]]
      this.values[this.entries[k]] += this.config.learningRate * tdError
    }
    this.step += batch.size
  }
  /** Value of an observation under the exploring policy; 0 for an agent that acts no more. @type {(row: number, mask: Uint8Array, at: number, n: number) => number} */
  expected(row, mask, at, n) {
    let [sum, legal] = [0, 0]
    for (let a = 0; a < n; a++) if (mask[at + a] === 1) [sum, legal] = [sum + this.values[row + a], legal + 1]
    if (legal === 0) return 0
    const best = this.values[row + greedyAction(this.values, row, mask, at, n)]
    return (1 - this.config.exploration) * best + (this.config.exploration * sum) / legal
  }
  policy = () => new IndependentTabularPolicy(this.context.spec, this.values)
  saveState = () => saveTable(this.values, this.step, this.context.rng)
  /** @param {LearnerState} state */
  loadState(state) {
    this.step = loadTable(state, this.values, this.context.rng)
  }
}

/** @type {(context: LearnerContext, config: z.infer<typeof schema>) => Learner} */
const create = (context, config) => new ExpectedSarsa(context, config)
export default { name: 'expected-sarsa', version: '1', observes: 'ids', schema, create }
