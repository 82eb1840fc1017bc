import { SpaceError } from '#env/errors.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { allocateSlots, type Slot, type SlotBuffers } from '#env/slot.js'
import type { EnvSpec } from '#env/spec.js'

/** One thing an agent of the team could do now. */
export interface Candidate {
  /** Name of the agent in the environment's spec. */
  readonly agent: string
  readonly action: number
  /** The policy's score, higher is better; its unit is the policy's own. */
  readonly score: number
}

export interface Decision {
  /** i32 [N], what the policy has each agent do. */
  readonly actions: Int32Array
  /** Every legal action of every agent, best first: whoever serves falls back to the next. Empty when the policy has no scores. */
  readonly candidates: readonly Candidate[]
}

/**
 * Puts a policy in charge of live agents: whoever watches the team writes what it sees into a slot, exactly as an
 * environment does in simulation, and gets the team's actions back. Policy and spec are given to it.
 */
export class ControlAgent {
  readonly #spec: EnvSpec
  readonly #policy: Policy
  readonly #rng: Rng
  readonly #slots: SlotBuffers
  readonly #batch: PolicyBatch
  readonly #memory: Int32Array
  readonly #scores: Float64Array

  /** @param seed - of the draws of a policy that draws */
  constructor(policy: Policy, spec: EnvSpec, seed = 'control') {
    this.#spec = spec
    this.#policy = policy
    this.#rng = new Rng(seed)
    this.#slots = allocateSlots(spec, 1)
    this.#memory = Int32Array.of(policy.memory?.initial ?? 0)
    this.#batch = { ...this.#slots, size: 1, memory: this.#memory }
    const { agents, numActions } = this.#slots.layout
    this.#scores = new Float64Array(agents * numActions)
  }

  /**
   * Decides on what is seen now.
   * @param observe - writes masks and observations (numbers, real values, or both, as the policy needs) into the slot
   * @throws SpaceError when the masks leave an agent without an action
   */
  decide(observe: (slot: Slot) => void): Decision {
    observe(this.#slots.rows[0]!)
    const { agents, numActions } = this.#slots.layout
    for (let i = 0; i < agents; i++) {
      if (!this.#slots.mask.subarray(i * numActions, (i + 1) * numActions).includes(1)) {
        throw new SpaceError(
          `ControlAgent: agent "${this.#spec.agents[i]!.name}" has no legal action; let it pass at least`,
        )
      }
    }
    const actions = new Int32Array(agents)
    this.#policy.act(this.#batch, this.#rng, actions)
    const { memory } = this.#policy
    if (memory !== undefined) this.#memory[0] = memory.next(this.#memory[0]!, actions, 0)
    return { actions, candidates: this.#rank() }
  }

  #rank(): Candidate[] {
    if (this.#policy.scores === undefined) return []
    this.#policy.scores(this.#batch, this.#scores)
    const { agents, numActions } = this.#slots.layout
    const candidates: Candidate[] = []
    for (let i = 0; i < agents; i++) {
      for (let action = 0; action < numActions; action++) {
        const k = i * numActions + action
        if (this.#slots.mask[k] !== 1) continue
        candidates.push({ agent: this.#spec.agents[i]!.name, action, score: this.#scores[k]! })
      }
    }
    return candidates.sort((a, b) => b.score - a.score)
  }
}
