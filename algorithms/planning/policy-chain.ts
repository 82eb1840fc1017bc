import { ShapeError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { initialMemory } from '#env/policy-memory.js'
import { MemoryNodes, MOST_MEMORY_TRANSITIONS, tooLarge } from './memory-nodes.js'
import { PolicyActions } from './policy-actions.js'
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
  readonly #reader: PolicyActions

  /** @param discount - gamma, in [0, 1] */
  constructor(mdp: JointMdp, discount: number) {
    super()
    const { elapsed, ...untimed } = mdp
    const timed = timedProbabilities(mdp, discount)
    this.mdp = elapsed === undefined ? mdp : { ...untimed, probability: timed.probability }
    this.discount = timed.discount
    this.#reader = new PolicyActions(mdp.actionsOf)
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
    this.#reader.read(policy, batch)
    const { terminal, stateIds } = this.mdp
    const remembered = (batch.memory?.length ?? 0) / batch.size
    for (let row = 0; row < batch.size; row++) {
      const node = first + row
      const s = this.stateOf(node)
      this.beginRow(node)
      if (terminal[s] === 1) continue
      const memory = this.#nodes?.remember(batch.memory!, row * remembered) ?? 0
      this.#reader.eachJoint(row, stateIds[s]!, (joint, weight) => this.#add(node, s, joint, weight, memory))
    }
  }

  /** Adds the outcomes of one joint action to the node that was begun last. @param memory - what is remembered afterwards */
  #add(node: number, s: number, joint: number, weight: number, memory: number): void {
    const { numActions, rowStart, stateIds, batch } = this.mdp
    const row = s * numActions + joint
    const entries = rowStart[row + 1]! - rowStart[row]!
    if (!(joint >= 0 && joint < numActions) || entries === 0) this.#reader.refuseJoint(stateIds[s]!, batch, s, joint)
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
}
