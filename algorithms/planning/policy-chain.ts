import { IllegalActionError, ModelError, ShapeError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { PolicyRows } from './policy-rows.js'
import { timedProbabilities } from './unit-time.js'

/**
 * The Markov chain that a policy makes of a joint model. Node m * S + s is state s with memory m (one memory value for
 * policies without memory). Terminal states have no successors: value 0.
 */
export class PolicyChain extends PolicyRows {
  /** Without times: they are in the probabilities and the discount (unit-time.ts). */
  readonly mdp: JointMdp
  /** gamma' of each step of the chain. */
  readonly discount: number
  /** Memory values, and the one an episode starts with. */
  memorySize = 1
  initialMemory = 0
  readonly #actions: Int32Array
  readonly #memory: Int32Array
  readonly #single: Int32Array
  #probabilities = new Float64Array(0)

  /** @param discount - gamma, in [0, 1] */
  constructor(mdp: JointMdp, discount: number) {
    super()
    const { elapsed, ...untimed } = mdp
    const timed = timedProbabilities(mdp, discount)
    this.mdp = elapsed === undefined ? mdp : { ...untimed, probability: timed.probability }
    this.discount = timed.discount
    const { numStates, actionsOf } = mdp
    this.#actions = new Int32Array(numStates * actionsOf.length)
    this.#memory = new Int32Array(numStates)
    this.#single = new Int32Array(actionsOf.length)
  }

  get numNodes(): number {
    return this.mdp.numStates * this.memorySize
  }

  /** Follows a policy: `act` on all states at once, or `probabilities` where it has them. @throws IllegalActionError */
  follow(policy: Policy): void {
    const { memory } = policy
    this.#begin(memory?.size ?? 1, memory?.initial ?? 0)
    for (let m = 0; m < this.memorySize; m++) {
      const batch = memory === undefined ? this.mdp.batch : { ...this.mdp.batch, memory: this.#memory.fill(m) }
      if (policy.probabilities === undefined) this.#act(policy, batch, m)
      else this.#mix(policy, batch, m)
    }
  }

  /** Follows joint actions, i32 [S] (terminal states' entries are ignored). @throws IllegalActionError */
  followActions(jointActions: Int32Array): void {
    if (jointActions.length !== this.mdp.numStates) {
      throw new ShapeError(`PolicyChain: expected ${this.mdp.numStates} joint actions, got ${jointActions.length}`)
    }
    this.#begin(1, 0)
    for (let s = 0; s < this.mdp.numStates; s++) {
      this.beginRow(s)
      if (this.mdp.terminal[s] === 0) this.#add(s, s, jointActions[s]!, 1, 0)
    }
  }

  #begin(memorySize: number, initial: number): void {
    if (!(Number.isInteger(memorySize) && memorySize > 0 && initial >= 0 && initial < memorySize)) {
      throw new ModelError(
        `PolicyChain: a policy's memory starts at ${initial} of ${memorySize} values; expected one of them`,
      )
    }
    this.memorySize = memorySize
    this.initialMemory = initial
    this.beginRows(this.numNodes)
  }

  #act(policy: Policy, batch: PolicyBatch, m: number): void {
    const { numStates, actionsOf, terminal } = this.mdp
    const n = actionsOf.length
    const rng = new Rng('policy-chain')
    const before = rng.saveState().join()
    policy.act(batch, rng, this.#actions)
    if (rng.saveState().join() !== before) {
      throw new ModelError(
        'evaluatePolicy: the policy draws random numbers in act but has no `probabilities`; add them, or evaluate by sampling',
      )
    }
    for (let s = 0; s < numStates; s++) {
      const node = m * numStates + s
      this.beginRow(node)
      if (terminal[s] === 1) continue
      const joint = this.#jointIndex(s, this.#actions, s * n)
      this.#add(node, s, joint, 1, this.#nextBase(policy, m, this.#actions, s * n))
    }
  }

  #mix(policy: Policy, batch: PolicyBatch, m: number): void {
    const { numStates, actionsOf, numActions, terminal } = this.mdp
    const width = batch.layout.numActions
    const size = numStates * actionsOf.length * width
    if (this.#probabilities.length !== size) this.#probabilities = new Float64Array(size)
    this.#probabilities.fill(0)
    policy.probabilities!(batch, this.#probabilities)
    for (let s = 0; s < numStates; s++) {
      const node = m * numStates + s
      this.beginRow(node)
      if (terminal[s] === 1) continue
      this.#normalise(s, width)
      for (let joint = 0; joint < numActions; joint++) {
        const weight = this.#jointProbability(s, joint, width)
        if (weight > 0) this.#add(node, s, joint, weight, this.#nextBase(policy, m, this.#single, 0))
      }
    }
  }

  /** Product over agents; leaves the joint action's parts in #single. */
  #jointProbability(s: number, joint: number, width: number): number {
    const { actionsOf } = this.mdp
    let rest = joint
    let weight = 1
    for (let i = actionsOf.length - 1; i >= 0; i--) {
      const action = rest % actionsOf[i]!
      rest = (rest - action) / actionsOf[i]!
      this.#single[i] = action
      weight *= this.#probabilities[(s * actionsOf.length + i) * width + action]!
    }
    return weight
  }

  /** Checks each agent's probabilities, and takes out what their sum misses by rounding. */
  #normalise(s: number, width: number): void {
    const n = this.mdp.actionsOf.length
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let a = 0; a < this.mdp.actionsOf[i]!; a++) {
        const p = this.#probabilities[(s * n + i) * width + a]!
        if (!(p >= 0)) {
          throw new ModelError(
            `evaluatePolicy: state ${this.mdp.stateIds[s]} agent ${i}: probability of action ${a} is ${p}, expected 0 or more`,
          )
        }
        sum += p
      }
      if (Math.abs(sum - 1) > 1e-9) {
        throw new ModelError(
          `evaluatePolicy: state ${this.mdp.stateIds[s]} agent ${i}: the policy's probabilities sum to ${sum}, expected 1`,
        )
      }
      for (let a = 0; a < this.mdp.actionsOf[i]!; a++) this.#probabilities[(s * n + i) * width + a]! /= sum
    }
  }

  #nextBase(policy: Policy, m: number, actions: Int32Array, offset: number): number {
    if (policy.memory === undefined) return 0
    const next = policy.memory.next(m, actions, offset)
    if (!(Number.isInteger(next) && next >= 0 && next < this.memorySize)) {
      throw new ModelError(
        `evaluatePolicy: the policy's memory went from ${m} to ${next}, expected 0..${this.memorySize - 1}`,
      )
    }
    return next * this.mdp.numStates
  }

  #jointIndex(s: number, actions: Int32Array, offset: number): number {
    const { actionsOf } = this.mdp
    let joint = 0
    for (let i = 0; i < actionsOf.length; i++) {
      const action = actions[offset + i]!
      if (!(action >= 0 && action < actionsOf[i]!)) this.#refuse(s, i, action)
      joint = joint * actionsOf[i]! + action
    }
    return joint
  }

  /** Adds the outcomes of one joint action to the node that was begun last. */
  #add(node: number, s: number, joint: number, weight: number, base: number): void {
    const { numActions, rowStart } = this.mdp
    const row = s * numActions + joint
    if (!(joint >= 0 && joint < numActions) || rowStart[row] === rowStart[row + 1]) this.#refuseJoint(s, joint)
    this.addRow(this.mdp, node, row, weight, base)
  }

  /** Names the agent whose part of an illegal joint action its mask forbids. */
  #refuseJoint(s: number, joint: number): never {
    const { actionsOf, batch } = this.mdp
    let rest = joint
    for (let i = actionsOf.length - 1; i >= 0; i--) {
      const action = rest % actionsOf[i]!
      rest = Math.floor(rest / actionsOf[i]!)
      if (batch.mask[(s * actionsOf.length + i) * batch.layout.numActions + action] !== 1) this.#refuse(s, i, action)
    }
    throw new IllegalActionError(
      `evaluatePolicy: state ${this.mdp.stateIds[s]}: joint action ${joint} isn't in the model; check the policy against the mask`,
    )
  }

  #refuse(s: number, agent: number, action: number): never {
    const { layout, mask } = this.mdp.batch
    const offset = (s * layout.agents + agent) * layout.numActions
    const legal = Array.from({ length: layout.numActions }, (_, a) => a).filter((a) => mask[offset + a] === 1)
    throw new IllegalActionError(
      `evaluatePolicy: state ${this.mdp.stateIds[s]} agent ${agent}: expected a legal action (${legal.join(', ')}), got ${action}; check the policy against the mask`,
    )
  }
}
