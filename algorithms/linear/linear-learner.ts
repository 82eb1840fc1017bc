import type { Json } from '#env/env.js'
import { StateError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import type { RngState } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import { layoutOf } from '#env/spec.js'
import type { TransitionBatch } from '#env/vector-env.js'
import type { Learner, LearnerContext, LearnerState } from '../learner.js'
import { type ScheduleConfig, scheduleAt } from '../schedule.js'
import { standardNormal } from '../standard-normal.js'
import type { AgentModel, Experience, SavedArrays } from './agent-model.js'
import { checkLinearBatch, InputRow, type LinearInput, linearInputs } from './linear-inputs.js'
import { LinearPolicy, linearValue } from './linear-policy.js'

/**
 * How a learner tries things out; `amount` may change as training goes on.
 * - epsilon-greedy: a uniformly random legal action with probability `amount`, else the greedy one
 * - bound: the largest Q + amount * sqrt(variance)
 * - draw: the largest Q + amount * sqrt(variance) * N(0, 1), drawn for each action
 */
export interface Exploration {
  readonly rule: 'epsilon-greedy' | 'bound' | 'draw'
  readonly amount: ScheduleConfig
}

/**
 * Independent learners with linear values (semi-gradient Q-learning, Sutton and Barto 2018, section 9.3; Tan 1993 for
 * several agents): each agent sees its own sparse features and observation, and has a model of its own. Targets are
 *
 *     r + gamma^elapsed * max_a' Q_i(x', a')
 *
 * where the maximum runs over the actions legal in x'; it is 0 after termination and for an agent that acts no more, and
 * taken at the final views when the episode was cut off. Where the batch tells what other actions would have earned (the
 * full regime), models learn those too, as the end of an episode.
 */
export class LinearLearner implements Learner {
  readonly #context: LearnerContext
  readonly #exploration: Exploration
  readonly #inputs: readonly LinearInput[]
  readonly #rows: readonly InputRow[]
  readonly #models: readonly AgentModel[]
  readonly #actionsOf: Int32Array
  /** What the last actions were chosen on: i32 [E, N], f32 [E, N, O]; and the actions, -1 = the agent no longer acted. */
  readonly #seenRow: Int32Array
  readonly #seenObservation: Float32Array
  readonly #chosen: Int32Array
  readonly #experience: Experience
  #step = 0

  /**
   * @param model - makes an agent's model for `actions` actions
   * @throws SpaceError when an agent has neither features nor an observation
   */
  constructor(
    context: LearnerContext,
    exploration: Exploration,
    model: (input: LinearInput, actions: number) => AgentModel,
  ) {
    const { agents, observationSize, actionsOf } = layoutOf(context.spec)
    this.#context = context
    this.#exploration = exploration
    this.#inputs = linearInputs(context.spec)
    this.#rows = this.#inputs.map((input) => new InputRow(input))
    this.#actionsOf = actionsOf
    this.#models = this.#inputs.map((input, i) => model(input, actionsOf[i]!))
    this.#seenRow = new Int32Array(context.rows * agents).fill(-1)
    this.#seenObservation = new Float32Array(context.rows * agents * observationSize)
    this.#chosen = new Int32Array(context.rows * agents).fill(-1)
    this.#experience = {
      features: undefined,
      featureRow: -1,
      observation: this.#seenObservation,
      observationAt: 0,
      action: 0,
      reward: 0,
      discount: 0,
      nextFeatureRow: -1,
      nextObservation: this.#seenObservation,
      nextObservationAt: 0,
      nextMask: new Uint8Array(0),
      nextMaskAt: 0,
      actionReward: new Float64Array(0),
      actionRewardAt: 0,
    }
  }

  act(batch: TransitionBatch, actions: Int32Array): void {
    checkLinearBatch(this.#inputs, batch)
    const { agents, observationSize } = batch.layout
    const amount = scheduleAt(this.#exploration.amount, this.#step, this.#context.totalSteps)
    this.#seenRow.set(batch.featureRow)
    this.#seenObservation.set(batch.observation)
    for (let k = 0; k < batch.size * agents; k++) {
      const i = k % agents
      const x = this.#rows[i]!.read(batch.features, batch.featureRow[k]!, batch.observation, k * observationSize)
      const action = this.#choose(batch, k, i, x, amount)
      this.#chosen[k] = action
      actions[k] = Math.max(0, action)
    }
  }

  update(batch: TransitionBatch): void {
    const { agents, numActions, observationSize } = batch.layout
    const { discount, totalSteps } = this.#context
    const experience = this.#experience
    experience.features = batch.features
    experience.actionReward = batch.actionReward
    let k = 0
    for (let row = 0; row < batch.size; row++) {
      const end = batch.ended[row] === 1
      const time = batch.elapsed[row]!
      const featureRows = end ? batch.finalFeatureRow : batch.featureRow
      experience.discount = batch.terminated[row] === 1 ? 0 : time === 1 ? discount : discount ** time
      experience.nextObservation = end ? batch.finalObservation : batch.observation
      experience.nextMask = end ? batch.finalMask : batch.mask
      for (let i = 0; i < agents; i++, k++) {
        if (this.#chosen[k]! < 0) continue
        experience.action = this.#chosen[k]!
        experience.reward = batch.reward[k]!
        experience.featureRow = this.#seenRow[k]!
        experience.nextFeatureRow = featureRows[k]!
        experience.observationAt = experience.nextObservationAt = k * observationSize
        experience.nextMaskAt = experience.actionRewardAt = k * numActions
        this.#models[i]!.learn(experience)
      }
    }
    this.#step += batch.size
    for (const model of this.#models) model.endStep?.(batch.features, this.#step >= totalSteps)
  }

  policy(): Policy {
    return new LinearPolicy(
      this.#context.spec,
      this.#models.map(({ weights }) => weights),
    )
  }

  /** Arrays of agent i under `i/`. */
  saveState(): LearnerState {
    const arrays = this.#models.flatMap((model, i) =>
      Object.entries(model.save()).map(([name, array]) => [`${i}/${name}`, array] as const),
    )
    const rng = this.#context.rng.saveState() as unknown as Json
    return { arrays: Object.fromEntries(arrays), data: { step: this.#step, rng } }
  }

  loadState(state: LearnerState): void {
    const { step } = state.data
    if (typeof step !== 'number') throw new StateError('saved learner: expected a number of steps, got none')
    this.#models.forEach((model, i) => {
      const own = Object.entries(state.arrays).filter(([name]) => name.startsWith(`${i}/`))
      const arrays: SavedArrays = Object.fromEntries(own.map(([name, array]) => [name.slice(`${i}/`.length), array]))
      model.load(arrays)
    })
    this.#context.rng.loadState(state.data.rng as unknown as RngState)
    this.#step = step
  }

  /** @returns a legal action, or -1 when there is none */
  #choose(batch: TransitionBatch, k: number, agent: number, x: InputRow, amount: number): number {
    const { rng } = this.#context
    const { rule } = this.#exploration
    const { mask, layout } = batch
    const model = this.#models[agent]!
    const from = k * layout.numActions
    if (rule === 'epsilon-greedy' && rng.uniform() < amount) {
      return sampleMasked(mask, from, layout.numActions, rng)
    }
    let best = -1
    let bestScore = Number.NEGATIVE_INFINITY
    for (let a = 0; a < this.#actionsOf[agent]!; a++) {
      if (mask[from + a] !== 1) continue
      let score = linearValue(model.weights, x, a)
      if (rule !== 'epsilon-greedy') {
        const width = amount * Math.sqrt(model.variance!(x, a))
        score += rule === 'bound' ? width : width * standardNormal(rng)
      }
      if (score > bestScore || best < 0) {
        best = a
        bestScore = score
      }
    }
    return best
  }
}
