import { StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { PolicyMemoryRows } from '#env/policy-memory.js'
import type { RngState } from '#env/rng.js'
import { layoutOf } from '#env/spec.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import type { Learner, LearnerContext, LearnerState } from '../learner.js'

/** A policy that takes part in training as it is: a partner that learns nothing. */
export class FrozenLearner implements Learner {
  readonly #context: LearnerContext
  readonly #policy: Policy
  readonly #memory: PolicyMemoryRows

  constructor(context: LearnerContext, policy: Policy) {
    this.#context = context
    this.#policy = policy
    this.#memory = new PolicyMemoryRows(policy, layoutOf(context.spec), context.rows)
  }

  act(batch: AgentViews, actions: Int32Array): void {
    const { values } = this.#memory
    const seen: PolicyBatch = values.length === 0 ? batch : { ...batch, memory: values }
    this.#policy.act(seen, this.#context.rng, actions)
  }

  /** What is remembered ends with the episode. */
  update({ ended, size }: TransitionBatch): void {
    for (let row = 0; row < size; row++) if (ended[row] === 1) this.#memory.begin(row)
  }

  policy(): Policy {
    return this.#policy
  }

  saveState(): LearnerState {
    const rng = this.#context.rng.saveState() as unknown as Json
    return { arrays: { memory: this.#memory.values }, data: { rng } }
  }

  loadState({ arrays, data }: LearnerState): void {
    const { memory } = arrays
    if (!(memory instanceof Float32Array) || memory.length !== this.#memory.values.length) {
      throw new StateError(
        `saved partner: expected ${this.#memory.values.length} remembered numbers, got ${memory?.length ?? 'none'}`,
      )
    }
    this.#memory.values.set(memory)
    this.#context.rng.loadState(data.rng as unknown as RngState)
  }
}
