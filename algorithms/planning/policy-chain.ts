import { IllegalActionError, ModelError, ShapeError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { initialMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import { isActing } from '#env/space.js'
import { MemoryNodes, MOST_MEMORY_TRANSITIONS, tooLarge } from './memory-nodes.js'
import { PolicyRows } from './policy-rows.js'
import { timedProbabilities } from './unit-time.js'

/** Nodes of a policy with memory that act at once. */
const CHUNK = 4096

/**
 * The Markov chain that a policy makes of a joint model. Without memory node s is state s. With memory a node is a state and
 * what the agents remember there, bit by bit; those that can be reached are found by letting the policy act on them. Terminal
 * states have no successors: value 0.
 */
export class PolicyChain extends PolicyRows {
  /** Without times: they are in the probabilities and the discount (unit-time.ts). */
  readonly mdp: JointMdp
  /** gamma' of each step of the chain. */
  readonly discount: number
  /** Null for policies without memory. */
  #nodes: MemoryNodes | null = null
  #actions: Int32Array
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
    this.#single = new Int32Array(actionsOf.length)
  }

  get numNodes(): number {
    return this.#nodes?.count ?? this.mdp.numStates
  }

  /** Whether node s is state s: always, but for policies with memory. */
  get nodesAreStates(): boolean {
    return this.#nodes === null
  }

  /** The state of a node. */
  stateOf(node: number): number {
    return this.#nodes?.stateOf(node) ?? node
  }

  /** The node of a state with the memory that an episode starts with; -1 where the chain doesn't hold it. */
  initialNode(state: number): number {
    return this.#nodes?.initialNode(state) ?? state
  }

  /**
   * Follows a policy: `act` on all states at once, or `probabilities` where it has them.
   * @param from - where the nodes of a policy with memory are looked for from: every state, or those that episodes start in
   * @throws IllegalActionError; ModelError when the policy doesn't keep to its contract
   * @throws NotEnumerableError when a policy with memory reaches more nodes, or transitions, than can be held
   */
  follow(policy: Policy, from: 'every-state' | 'start' = 'every-state'): void {
    const { mdp } = this
    if (policy.memory === undefined) {
      this.#begin()
      this.#fill(policy, mdp.batch, 0)
      return
    }
    const nodes = new MemoryNodes(mdp, initialMemory(policy, mdp.batch.layout))
    for (let s = 0; s < mdp.numStates; s++) if (from === 'every-state' || mdp.start[s]! > 0) nodes.node(s, 0)
    this.#nodes = nodes
    for (let done = 0; done < nodes.count; ) {
      const to = Math.min(nodes.count, done + CHUNK)
      this.reserveRows(to)
      this.#fill(policy, nodes.batch(done, to), done)
      done = to
    }
    this.reward = this.reward.slice(0, nodes.count)
  }

  /** Follows joint actions, i32 [S] (terminal states' entries are ignored). @throws IllegalActionError */
  followActions(jointActions: Int32Array): void {
    if (jointActions.length !== this.mdp.numStates) {
      throw new ShapeError(`PolicyChain: expected ${this.mdp.numStates} joint actions, got ${jointActions.length}`)
    }
    this.#begin()
    for (let s = 0; s < this.mdp.numStates; s++) {
      this.beginRow(s)
      if (this.mdp.terminal[s] === 0) this.#add(s, s, jointActions[s]!, 1, 0)
    }
  }

  #begin(): void {
    this.#nodes = null
    this.beginRows(this.mdp.numStates)
  }

  /** Fills the nodes from `first` on, whose views are the rows of `batch`. */
  #fill(policy: Policy, batch: PolicyBatch, first: number): void {
    const mixes = policy.probabilities !== undefined
    if (mixes) this.#readProbabilities(policy, batch)
    if (!mixes) this.#act(policy, batch)
    else if (batch.memory !== undefined) this.#rememberDrawing(policy, batch)
    const { numActions, terminal } = this.mdp
    const width = batch.layout.numActions
    const remembered = (batch.memory?.length ?? 0) / batch.size
    for (let row = 0; row < batch.size; row++) {
      const node = first + row
      const s = this.stateOf(node)
      this.beginRow(node)
      if (terminal[s] === 1) continue
      const memory = this.#nodes?.remember(batch.memory!, row * remembered) ?? 0
      if (!mixes) {
        this.#add(node, s, this.#jointIndex(s, batch, row), 1, memory)
        continue
      }
      this.#normalise(s, batch, row)
      for (let joint = 0; joint < numActions; joint++) {
        const weight = this.#jointProbability(row, joint, width)
        if (weight > 0) this.#add(node, s, joint, weight, memory)
      }
    }
  }

  #act(policy: Policy, batch: PolicyBatch): void {
    const rng = new Rng('policy-chain')
    const before = rng.saveState().join()
    policy.act(batch, rng, this.#actionsOf(batch))
    if (rng.saveState().join() !== before) {
      throw new ModelError(
        'evaluatePolicy: the policy draws random numbers in act but has no `probabilities`; add them, or evaluate by sampling',
      )
    }
  }

  #readProbabilities(policy: Policy, batch: PolicyBatch): void {
    const size = batch.size * this.mdp.actionsOf.length * batch.layout.numActions
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
    policy.act(batch, new Rng('policy-chain'), this.#actionsOf(batch))
    policy.act(again, new Rng('policy-chain, another draw'), this.#actionsOf(batch))
    if (sameBits(batch.memory!, again.memory)) return
    throw new ModelError(
      'evaluatePolicy: what the policy remembers depends on what it draws, so that it has no exact value; let it follow from what the agent saw and remembered, or evaluate by sampling',
    )
  }

  #actionsOf(batch: PolicyBatch): Int32Array {
    const size = batch.size * this.mdp.actionsOf.length
    if (this.#actions.length < size) this.#actions = new Int32Array(size)
    return this.#actions
  }

  /** Product over agents; leaves the joint action's parts in #single. */
  #jointProbability(row: number, joint: number, width: number): number {
    const { actionsOf } = this.mdp
    let rest = joint
    let weight = 1
    for (let i = actionsOf.length - 1; i >= 0; i--) {
      const action = rest % actionsOf[i]!
      rest = (rest - action) / actionsOf[i]!
      this.#single[i] = action
      weight *= this.#probabilities[(row * actionsOf.length + i) * width + action]!
    }
    return weight
  }

  /**
   * Checks the probabilities of each agent that acts, and takes out what their sum misses by rounding. One that doesn't act takes
   * action 0 for certain, whatever its row holds.
   */
  #normalise(s: number, { mask, layout }: PolicyBatch, row: number): void {
    const n = this.mdp.actionsOf.length
    const width = layout.numActions
    for (let i = 0; i < n; i++) {
      const first = (row * n + i) * width
      if (!isActing(mask, first, width)) {
        this.#probabilities.fill(0, first, first + width)
        this.#probabilities[first] = 1
        continue
      }
      let sum = 0
      for (let a = 0; a < this.mdp.actionsOf[i]!; a++) {
        const p = this.#probabilities[first + a]!
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
      for (let a = 0; a < this.mdp.actionsOf[i]!; a++) this.#probabilities[first + a]! /= sum
    }
  }

  #jointIndex(s: number, { mask, layout }: PolicyBatch, row: number): number {
    const { actionsOf } = this.mdp
    const n = actionsOf.length
    let joint = 0
    for (let i = 0; i < n; i++) {
      const acts = isActing(mask, (row * n + i) * layout.numActions, layout.numActions)
      const action = acts ? this.#actions[row * n + i]! : 0
      if (!(action >= 0 && action < actionsOf[i]!)) this.#refuse(s, i, action)
      joint = joint * actionsOf[i]! + action
    }
    return joint
  }

  /** Adds the outcomes of one joint action to the node that was begun last. @param memory - what is remembered afterwards */
  #add(node: number, s: number, joint: number, weight: number, memory: number): void {
    const { numActions, rowStart } = this.mdp
    const row = s * numActions + joint
    const entries = rowStart[row + 1]! - rowStart[row]!
    if (!(joint >= 0 && joint < numActions) || entries === 0) this.#refuseJoint(s, joint)
    const nodes = this.#nodes
    if (nodes === null) {
      this.addRow(this.mdp, node, row, weight)
      return
    }
    if (this.first[node + 1]! + entries > MOST_MEMORY_TRANSITIONS) {
      throw tooLarge(`more than ${MOST_MEMORY_TRANSITIONS} transitions between states with memories`)
    }
    this.addRow(this.mdp, node, row, weight, (state) => nodes.node(state, memory))
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
    const offset = (s * this.mdp.actionsOf.length + agent) * layout.numActions
    const legal = Array.from({ length: layout.numActions }, (_, a) => a).filter((a) => mask[offset + a] === 1)
    throw new IllegalActionError(
      `evaluatePolicy: state ${this.mdp.stateIds[s]} agent ${agent}: expected a legal action (${legal.join(', ')}), got ${action}; check the policy against the mask`,
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
