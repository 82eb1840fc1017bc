import { LifecycleError, NonFiniteError, ShapeError, StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Policy } from '#env/policy.js'
import type { RngState } from '#env/rng.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import type { GroupMember, LearnerContext, LearnerGroup, LearnerMetrics, LearnerState } from '../learner.js'
import { restoreArrays } from '../saved-arrays.js'
import { scheduleAt } from '../schedule.js'
import type { LearningConfig } from '../tabular/learning-config.js'
import { valueRange } from '../tabular/value-range.js'
import type { TensorTable } from './tensor-table.js'

/** Sums of such rewards stay clear of what stands for illegal actions, and of what f32 can't hold. */
const MOST_REWARD = 1e30

/**
 * Learners of several seeds whose tables are one tensor, [seeds, entries of a seed]. Host copies of it, which policies and
 * saved states read, are brought up to date by `settle` only.
 */
export abstract class TensorGroup implements LearnerGroup {
  readonly members: readonly GroupMember[]
  protected readonly contexts: readonly LearnerContext[]
  protected readonly table: TensorTable
  /** Environment steps that each member has learned from, over all of its rows. */
  protected readonly steps: number[]
  /** u8 [seeds], 0 = left. */
  protected readonly active: Uint8Array
  readonly #config: LearningConfig
  readonly #size: number
  readonly #updates: number
  /** f32 [seeds * size], as of the last `settle`, and each member's share as policies read it. */
  #copy: Float32Array
  readonly #shown: readonly Float64Array[]
  /** f32 [seeds * updates of a seed + 1], sums of the errors' sizes; and how many each member's are. */
  #errors: Float32Array
  readonly #learned: number[]
  #settled = true
  #loaded = false

  /**
   * @param size - entries of a seed
   * @param updates - of a seed in one batch
   */
  constructor(
    contexts: readonly LearnerContext[],
    table: TensorTable,
    config: LearningConfig,
    size: number,
    updates: number,
  ) {
    const { initialValue } = config
    this.contexts = contexts
    this.table = table
    this.steps = contexts.map(() => 0)
    this.active = new Uint8Array(contexts.length).fill(1)
    this.#config = config
    this.#size = size
    this.#updates = updates
    this.#copy = new Float32Array(contexts.length * size).fill(initialValue)
    this.#shown = contexts.map(() => new Float64Array(size).fill(initialValue))
    this.#errors = new Float32Array(contexts.length * updates + 1)
    this.#learned = contexts.map(() => 0)
    this.members = contexts.map((_, g) => ({
      metrics: () => this.metricsOf(g),
      policy: () => this.policyOf(g, this.#shown[g]!),
      saveState: () => this.saveMember(g),
      loadState: (state: LearnerState) => this.loadMember(g, state),
    }))
  }

  abstract act(batches: readonly AgentViews[], actions: readonly Int32Array[]): void | Promise<void>
  abstract update(transitions: readonly TransitionBatch[]): void | Promise<void>

  /** @param values - f64 [size], followed by the policy as it is brought up to date */
  protected abstract policyOf(member: number, values: Float64Array): Policy

  /** Arrays of a member's state beside its values, by name; the same ones for good. */
  protected keptBy(_member: number): LearnerState['arrays'] {
    return {}
  }

  /** To be called before the table is read or changed: states that were loaded reach it. */
  protected begin(): void {
    if (!this.#loaded) return
    this.table.write(this.#copy)
    this.table.writeErrors(this.#errors)
    this.#loaded = false
  }

  /**
   * A number that an environment gave, checked: devices read and write whatever lies at an index.
   * @param count - the number lies in 0..count-1
   * @throws ShapeError when it doesn't
   */
  protected checked(id: number, count: number, member: number, what: string): number {
    if (id >= 0 && id < count) return id
    const { spec } = this.contexts[member]!
    throw new ShapeError(
      `${spec.id}: expected ${what} in 0..${count - 1}, got ${id}; check the environment's numbering`,
    )
  }

  /** @throws NonFiniteError when a reward is beyond what tables of f32 can learn from */
  protected checkedReward(reward: number, member: number): number {
    if (Math.abs(reward) <= MOST_REWARD) return reward
    throw new NonFiniteError(
      `${this.contexts[member]!.spec.id}: expected rewards within ${MOST_REWARD} for tensors of f32, got ${reward}; scale them, or learn on arrays (form: arrays)`,
    )
  }

  /** To be called after the table has changed. */
  protected changed(): void {
    this.#settled = false
  }

  /** Counts what a member learned in a batch, for the metrics. */
  protected noteLearned(member: number, updates: number): void {
    this.#learned[member] = this.#learned[member]! + updates
  }

  protected epsilonOf(member: number): number {
    return scheduleAt(this.#config.exploration, this.steps[member]!, this.contexts[member]!.totalSteps)
  }

  protected rateOf(member: number): number {
    return scheduleAt(this.#config.learningRate, this.steps[member]!, this.contexts[member]!.totalSteps)
  }

  finish(): void {}

  async settle(): Promise<void> {
    if (this.#settled) return
    this.#copy = await this.table.read()
    this.#errors = (await this.table.readErrors()).slice()
    this.#shown.forEach((shown, g) => {
      shown.set(this.#share(g))
    })
    this.#settled = true
  }

  leave(member: number): void {
    this.active[member] = 0
  }

  dispose(): void {
    this.table.dispose()
  }

  protected metricsOf(member: number): LearnerMetrics {
    this.#checkSettled()
    const errors = this.#errorShare(member)
    const count = this.#learned[member]!
    const sum = errors.reduce((total, error) => total + error, 0)
    errors.fill(0)
    this.#learned[member] = 0
    this.#loaded = true
    return {
      ...(count > 0 ? { 'td-error': sum / count } : {}),
      ...valueRange(this.#share(member)),
      epsilon: this.epsilonOf(member),
      'learning-rate': this.rateOf(member),
    }
  }

  protected saveMember(member: number): LearnerState {
    this.#checkSettled()
    const rng = this.contexts[member]!.rng.saveState() as unknown as Json
    return { arrays: this.#arraysOf(member), data: { step: this.steps[member]!, learned: this.#learned[member]!, rng } }
  }

  protected loadMember(member: number, state: LearnerState): void {
    if (!this.#settled) throw new LifecycleError('saved learner: load states before learning, or await settle() first')
    const { step, learned, rng } = state.data
    if (typeof step !== 'number' || typeof learned !== 'number') {
      throw new StateError('saved learner: expected a number of steps, got none')
    }
    restoreArrays(state.arrays, this.#arraysOf(member))
    this.contexts[member]!.rng.loadState(rng as unknown as RngState)
    this.steps[member] = step
    this.#learned[member] = learned
    this.#shown[member]!.set(this.#share(member))
    this.#loaded = true
  }

  #arraysOf(member: number): LearnerState['arrays'] {
    return { values: this.#share(member), errors: this.#errorShare(member), ...this.keptBy(member) }
  }

  #checkSettled(): void {
    if (this.#settled) return
    throw new LifecycleError('saved learner: the values on the device have changed; await settle() first')
  }

  #share(member: number): Float32Array {
    return this.#copy.subarray(member * this.#size, (member + 1) * this.#size)
  }

  #errorShare(member: number): Float32Array {
    return this.#errors.subarray(member * this.#updates, (member + 1) * this.#updates)
  }
}
