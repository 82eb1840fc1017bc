import { IllegalActionError, ModelError } from '#env/errors.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { isActing } from '#env/space.js'

/**
 * What a policy does in the rows of a batch, held to its contract: the joint action that it chooses, or the probability of each.
 * Rows belong to states, whose numbers are for messages. Buffers are used again from batch to batch.
 */
export class PolicyActions {
  /** i32 [N * H], actions of each choice, at least 1. */
  readonly actionsOf: Int32Array
  #actions = new Int32Array(0)
  #probabilities = new Float64Array(0)
  #batch!: PolicyBatch
  #mixes = false
  readonly #numActions: number

  constructor(actionsOf: Int32Array) {
    this.actionsOf = actionsOf
    this.#numActions = actionsOf.reduce((product, n) => product * n, 1)
  }

  /**
   * Lets a policy act in all rows of a batch, or say its probabilities where it has them. One that remembers writes its memory.
   * @throws ModelError when it draws without saying so, or what it remembers follows from its draws
   */
  read(policy: Policy, batch: PolicyBatch): void {
    this.#batch = batch
    this.#mixes = policy.probabilities !== undefined
    if (!this.#mixes) {
      this.#act(policy, batch)
      return
    }
    this.#readProbabilities(policy, batch)
    if (batch.memory !== undefined) this.#rememberDrawing(policy, batch)
  }

  /**
   * Calls back with every joint action that has some probability in a row of the batch.
   * @param state - for messages
   * @throws IllegalActionError or ModelError
   */
  eachJoint(row: number, state: number, each: (joint: number, weight: number) => void): void {
    if (!this.#mixes) {
      each(this.#jointIndex(state, row), 1)
      return
    }
    this.#normalise(state, row)
    for (let joint = 0; joint < this.#numActions; joint++) {
      const weight = this.#jointProbability(row, joint)
      if (weight > 0) each(joint, weight)
    }
  }

  /** Names the agent whose part of an illegal joint action its mask forbids. @throws IllegalActionError */
  refuseJoint(state: number, batch: PolicyBatch, row: number, joint: number): never {
    const { actionsOf } = this
    let rest = joint
    for (let i = actionsOf.length - 1; i >= 0; i--) {
      const action = rest % actionsOf[i]!
      rest = Math.floor(rest / actionsOf[i]!)
      if (batch.mask[(row * actionsOf.length + i) * batch.layout.numActions + action] !== 1)
        this.#refuse(state, batch, row, i, action)
    }
    throw new IllegalActionError(
      `evaluatePolicy: state ${state}: joint action ${joint} isn't in the model; check the policy against the mask`,
    )
  }

  #act(policy: Policy, batch: PolicyBatch): void {
    const rng = new Rng('policy-chain')
    const before = rng.saveState().join()
    policy.act(batch, rng, this.#actionsFor(batch))
    if (rng.saveState().join() !== before) {
      throw new ModelError(
        'evaluatePolicy: the policy draws random numbers in act but has no `probabilities`; add them, or evaluate by sampling',
      )
    }
  }

  #readProbabilities(policy: Policy, batch: PolicyBatch): void {
    const size = batch.size * this.actionsOf.length * batch.layout.numActions
    if (this.#probabilities.length < size) this.#probabilities = new Float64Array(size)
    this.#probabilities.fill(0)
    const before = batch.memory?.slice()
    policy.probabilities!(batch, this.#probabilities)
    if (before !== undefined && !sameBits(before, batch.memory!)) {
      throw new ModelError('evaluatePolicy: `probabilities` changed the memory, which only `act` may; let it only read')
    }
  }

  /** Lets a policy that draws write its memory, with two generators: what is remembered may not follow from the draws. */
  #rememberDrawing(policy: Policy, batch: PolicyBatch): void {
    const again = { ...batch, memory: batch.memory!.slice() }
    policy.act(batch, new Rng('policy-chain'), this.#actionsFor(batch))
    policy.act(again, new Rng('policy-chain, another draw'), this.#actionsFor(batch))
    if (sameBits(batch.memory!, again.memory)) return
    throw new ModelError(
      'evaluatePolicy: what the policy remembers depends on what it draws, so that it has no exact value; let it follow from what the agent saw and remembered, or evaluate by sampling',
    )
  }

  /** Room for the actions of every row; policies fill what they are given, so it is as long as the batch. */
  #actionsFor(batch: PolicyBatch): Int32Array {
    const size = batch.size * this.actionsOf.length
    if (this.#actions.length < size) this.#actions = new Int32Array(size)
    return this.#actions.length === size ? this.#actions : this.#actions.subarray(0, size)
  }

  /** Product over agents. */
  #jointProbability(row: number, joint: number): number {
    const { actionsOf } = this
    const width = this.#batch.layout.numActions
    let rest = joint
    let weight = 1
    for (let i = actionsOf.length - 1; i >= 0; i--) {
      const action = rest % actionsOf[i]!
      rest = (rest - action) / actionsOf[i]!
      weight *= this.#probabilities[(row * actionsOf.length + i) * width + action]!
    }
    return weight
  }

  /**
   * Checks the probabilities of each agent that acts, and takes out what their sum misses by rounding. One that doesn't act takes
   * action 0 for certain, whatever its row holds.
   */
  #normalise(state: number, row: number): void {
    const { mask, layout } = this.#batch
    const n = this.actionsOf.length
    const width = layout.numActions
    for (let i = 0; i < n; i++) {
      const first = (row * n + i) * width
      if (!isActing(mask, first, width)) {
        this.#probabilities.fill(0, first, first + width)
        this.#probabilities[first] = 1
        continue
      }
      let sum = 0
      for (let a = 0; a < this.actionsOf[i]!; a++) {
        const p = this.#probabilities[first + a]!
        if (!(p >= 0)) {
          throw new ModelError(
            `evaluatePolicy: state ${state} agent ${i}: probability of action ${a} is ${p}, expected 0 or more`,
          )
        }
        sum += p
      }
      if (Math.abs(sum - 1) > 1e-9) {
        throw new ModelError(
          `evaluatePolicy: state ${state} agent ${i}: the policy's probabilities sum to ${sum}, expected 1`,
        )
      }
      for (let a = 0; a < this.actionsOf[i]!; a++) this.#probabilities[first + a]! /= sum
    }
  }

  #jointIndex(state: number, row: number): number {
    const { mask, layout } = this.#batch
    const { actionsOf } = this
    const n = actionsOf.length
    let joint = 0
    for (let i = 0; i < n; i++) {
      const acts = isActing(mask, (row * n + i) * layout.numActions, layout.numActions)
      const action = acts ? this.#actions[row * n + i]! : 0
      if (!(action >= 0 && action < actionsOf[i]!)) this.#refuse(state, this.#batch, row, i, action)
      joint = joint * actionsOf[i]! + action
    }
    return joint
  }

  #refuse(state: number, { layout, mask }: PolicyBatch, row: number, agent: number, action: number): never {
    const offset = (row * this.actionsOf.length + agent) * layout.numActions
    const legal = Array.from({ length: layout.numActions }, (_, a) => a).filter((a) => mask[offset + a] === 1)
    throw new IllegalActionError(
      `evaluatePolicy: state ${state} agent ${agent}: expected a legal action (${legal.join(', ')}), got ${action}; check the policy against the mask`,
    )
  }
}

/** Whether two memories are the same, bit by bit. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [x, y] = [a, b].map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length)) as [
    Uint32Array,
    Uint32Array,
  ]
  return x.every((bits, k) => bits === y[k])
}
