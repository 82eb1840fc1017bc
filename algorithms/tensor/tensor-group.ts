import type { Json } from '#env/env.js'
import { LifecycleError, NonFiniteError, ShapeError, StateError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import type { RngState } from '#env/rng.js'
import type { TransitionBatch } from '#env/vector-env.js'
import type { GroupMember, LearnerContext, LearnerGroup, LearnerState } from '../learner.js'
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
  readonly #size: number
  /** f32 [seeds * size], as of the last `settle`, and each member's share as policies read it. */
  #copy: Float32Array
  readonly #shown: readonly Float64Array[]
  #settled = true
  #loaded = false

  /**
   * @param size - entries of a seed
   * @param initial - their value at the start, reward units
   */
  constructor(contexts: readonly LearnerContext[], table: TensorTable, size: number, initial: number) {
    this.contexts = contexts
    this.table = table
    this.steps = contexts.map(() => 0)
    this.active = new Uint8Array(contexts.length).fill(1)
    this.#size = size
    this.#copy = new Float32Array(contexts.length * size).fill(initial)
    this.#shown = contexts.map(() => new Float64Array(size).fill(initial))
    this.members = contexts.map((_, g) => ({
      policy: () => this.policyOf(g, this.#shown[g]!),
      saveState: () => this.saveMember(g),
      loadState: (state: LearnerState) => this.loadMember(g, state),
    }))
  }

  abstract act(batches: readonly TransitionBatch[], actions: readonly Int32Array[]): void | Promise<void>
  abstract update(batches: readonly TransitionBatch[], actions: readonly Int32Array[]): void

  /** @param values - f64 [size], followed by the policy as it is brought up to date */
  protected abstract policyOf(member: number, values: Float64Array): Policy

  /** To be called before the table is read or changed: states that were loaded reach it. */
  protected begin(): void {
    if (this.#loaded) this.table.write(this.#copy)
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

  async settle(): Promise<void> {
    if (this.#settled) return
    this.#copy = await this.table.read()
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

  protected saveMember(member: number): LearnerState {
    if (!this.#settled) {
      throw new LifecycleError('saved learner: the values on the device have changed; await settle() first')
    }
    const rng = this.contexts[member]!.rng.saveState() as unknown as Json
    return { arrays: { values: this.#share(member).slice() }, data: { step: this.steps[member]!, rng } }
  }

  protected loadMember(member: number, state: LearnerState): void {
    if (!this.#settled) throw new LifecycleError('saved learner: load states before learning, or await settle() first')
    const { values } = state.arrays
    const { step, rng } = state.data
    if (!(values instanceof Float32Array) || values.length !== this.#size || typeof step !== 'number') {
      throw new StateError(`saved learner: expected an f32 table of ${this.#size}, got ${values?.length ?? 'none'}`)
    }
    this.contexts[member]!.rng.loadState(rng as unknown as RngState)
    this.steps[member] = step
    this.#share(member).set(values)
    this.#shown[member]!.set(values)
    this.#loaded = true
  }

  #share(member: number): Float32Array {
    return this.#copy.subarray(member * this.#size, (member + 1) * this.#size)
  }
}
