import type { z } from 'zod'
import { sampleMasked } from '#env/space.js'
import { type AgentViews, discounts, type TransitionBatch } from '#env/transition-batch.js'
import { defineLearner, type Learner, type LearnerContext, type LearnerMetrics, type LearnerState } from '../learner.js'
import { loadArrays, saveArrays } from '../saved-arrays.js'
import { scheduleAt } from '../schedule.js'
import { learningConfig } from '../tabular/learning-config.js'
import { valueRange } from '../tabular/value-range.js'
import { AfterstatePolicy } from './afterstate-policy.js'
import { DigitValues, digitsOf } from './digit-values.js'

const WHO = 'afterstate-td'

const afterstateConfig = learningConfig.omit({ initialValue: true })

/**
 * Additive values of afterstates (Sutton and Barto 2018, section 6.8; Powell 2011, chapter 4, post-decision states) by TD(0), for
 * one agent that decides for all. An action leads to an afterstate y that the observation tells (`AgentSpec.digits`); V(y) is a sum
 * of one weight a digit, and m(a, x) the running mean of what action a has earned where the subject's digit was x:
 *
 *     Q(s, a) = m(a, x) + V(y(s, a));  delta = R - m(a, x) + discount * max_b Q(s', b) - V(y);  each of n weights += rate / n * delta
 *
 * What a step earns beside the mean, such as the cost of long queues, is thereby part of V. Deviations: the greedy action's value
 * in what follows, whatever is done there. Of several rows each learns from the values as they stand.
 */
class AfterstateLearner implements Learner {
  readonly #context: LearnerContext
  readonly #config: z.infer<typeof afterstateConfig>
  readonly #values: DigitValues
  /** f64, how often each mean was added to. */
  readonly #counts: Float64Array
  readonly #discount: Float64Array
  readonly #errors = new Float64Array(2)
  #step = 0

  /** @throws SpaceError where there are several agents, or the agent's observation isn't one of digits */
  constructor(context: LearnerContext, config: z.infer<typeof afterstateConfig>) {
    this.#context = context
    this.#config = config
    this.#values = new DigitValues(digitsOf(context.spec, WHO))
    this.#counts = new Float64Array(this.#values.rewards.length)
    this.#discount = new Float64Array(context.rows)
  }

  act({ observation, mask, layout, size }: AgentViews, actions: Int32Array): void {
    const { rng } = this.#context
    const { numActions, observationSize } = layout
    const epsilon = this.#epsilon()
    for (let row = 0; row < size; row++) {
      const first = row * numActions
      if (rng.uniform() < epsilon) {
        actions[row] = Math.max(0, sampleMasked(mask, first, numActions, rng))
        continue
      }
      this.#values.read(observation, row * observationSize)
      actions[row] = Math.max(0, this.#values.best(mask, first))
    }
  }

  update(transition: TransitionBatch): void {
    const { before, after, actions, reward, layout, size } = transition
    const { numActions, observationSize } = layout
    const values = this.#values
    discounts(transition, this.#context.discount, this.#discount)
    const rate = this.#rate() / values.parts
    for (let row = 0; row < size; row++) {
      if (before.alive[row] !== 1) continue
      let target = reward[row]!
      if (this.#discount[row]! > 0) {
        values.read(after.observation, row * observationSize)
        const next = values.best(after.mask, row * numActions)
        if (next >= 0) target += this.#discount[row]! * values.q(next, values.base())
      }
      const action = actions[row]!
      values.read(before.observation, row * observationSize)
      const entry = values.rewardEntry(action)
      const error = target - values.q(action, values.base())
      values.move(action, rate * error)
      this.#counts[entry]! += 1
      values.rewards[entry]! += (reward[row]! - values.rewards[entry]!) / this.#counts[entry]!
      this.#errors[0]! += Math.abs(error)
      this.#errors[1]! += 1
    }
    this.#step += size
  }

  metrics(): LearnerMetrics {
    const [sum, count] = this.#errors as unknown as [number, number]
    this.#errors.fill(0)
    return {
      ...(count > 0 ? { 'td-error': sum / count } : {}),
      ...valueRange(this.#values.values),
      epsilon: this.#epsilon(),
      'learning-rate': this.#rate(),
    }
  }

  policy(): AfterstatePolicy {
    return new AfterstatePolicy(this.#context.spec, this.#values)
  }

  saveState(): LearnerState {
    return saveArrays(this.#arrays(), this.#step, this.#context.rng)
  }

  loadState(state: LearnerState): void {
    this.#step = loadArrays(state, this.#arrays(), this.#context.rng)
  }

  #arrays() {
    const { values, rewards } = this.#values
    return { values, rewards, counts: this.#counts, errors: this.#errors }
  }

  #epsilon(): number {
    return scheduleAt(this.#config.exploration, this.#step, this.#context.totalSteps)
  }

  #rate(): number {
    return scheduleAt(this.#config.learningRate, this.#step, this.#context.totalSteps)
  }
}

export const afterstateTd = defineLearner<z.infer<typeof afterstateConfig>>({
  name: WHO,
  aliases: [],
  summary: 'additive values of afterstates by TD(0) and running means of rewards, for one agent that decides for all',
  version: '1',
  schema: afterstateConfig,
  needs: () => ({ state: false }),
  exceptions: {
    durations: 'an afterstate has one value, whatever time the action takes that leads to it',
  },
  forms: { arrays: (context, config) => new AfterstateLearner(context, config) },
})
