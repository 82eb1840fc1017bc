import type { Encoder } from '#env/encoding/encoder.js'
import { BundleError, ModelError, SpaceError } from '#env/errors.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { initialMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import { allocateSlots, type Slot, type SlotBuffers } from '#env/slot.js'
import { SingleRow, SparseVector } from '#env/sparse-matrix.js'
import type { EnvSpec } from '#env/spec.js'
import { drawExploring, exploringChances } from './exploration.js'

/** One thing an agent of the team could do now. */
export interface Candidate {
  /** Name of the agent in the environment's spec. */
  readonly agent: string
  /** Which of its choices; absent where agents make one. */
  readonly head?: number
  readonly action: number
  /** The policy's score, higher is better; its unit is the policy's own. */
  readonly score: number
}

/** What the team shall do, and everything needed to learn from it later. */
export interface Decision {
  /** i32 [N, H], what each agent does; 0 for agents that don't act. */
  readonly actions: Int32Array
  /** Every legal action of every agent, best first: whoever serves falls back to the next. Empty when the policy has no scores. */
  readonly candidates: readonly Candidate[]
  /**
   * f64 [N, H, A], the chance that each choice had of each action, exploration included: that of the action taken stands at
   * c * A + actions[c], c = i * H + head. All 0 for agents that don't act.
   */
  readonly propensities: Float64Array
}

/** How a controller draws. */
export interface ControllerOptions {
  /** Chance, for each agent and decision, of a uniform draw among its legal actions instead. Default 0. */
  readonly epsilon?: number
  /** Of all draws, of the policy and of exploration; a session's follow from it and the session's id. Default `control`. */
  readonly seed?: string
}

/**
 * Puts a policy in charge of live agents: whoever watches the team writes what it sees into a slot, exactly as an environment
 * does in simulation, and gets the team's actions back. Texts go through the policy's own encoder into a batch of one row,
 * and through the same `act`, `scores` and `probabilities`: what is chosen live is what was chosen offline, bit for bit.
 *
 * Sessions share work arrays and have a memory and draws of their own: decisions of many requests may take turns.
 */
export class Controller {
  readonly policy: Policy
  readonly spec: EnvSpec
  readonly epsilon: number
  readonly #seed: string
  readonly #encoder: Encoder | undefined
  readonly #slots: SlotBuffers
  /** The one row of the slots, with the memory of the session that decides. */
  readonly #batch: PolicyBatch
  readonly #row = new SparseVector()
  readonly #features: SingleRow | undefined
  readonly #initial: Float32Array
  /** For policies that draw nothing: making a generator a session would take longer than many decisions do. */
  readonly #still: Rng
  readonly #scores: Float64Array
  readonly #chances: Float64Array

  /**
   * @param spec - of the environment that the policy was made for
   * @param encoder - fitted; for policies that read texts
   * @throws BundleError when the policy reads features and there is no encoder, or the encoder's width isn't its
   * @throws ShapeError when the policy's memory doesn't fit the spec
   */
  constructor(
    policy: Policy,
    spec: EnvSpec,
    encoder?: Encoder,
    { epsilon = 0, seed = 'control' }: ControllerOptions = {},
  ) {
    const columns = spec.agents.map(({ numFeatures = 0 }) => numFeatures)
    const other = columns.find((width) => width !== (encoder?.size ?? 0))
    if (other !== undefined) {
      throw new BundleError(
        encoder === undefined
          ? `${spec.id}: the policy reads ${other} features, and there is no encoder; give the one that it was trained with`
          : `${spec.id}: the encoder gives ${encoder.size} columns, the policy reads ${other}; train and save both together`,
      )
    }
    if (!(epsilon >= 0 && epsilon <= 1)) throw new SpaceError(`Controller: expected epsilon in [0, 1], got ${epsilon}`)
    this.policy = policy
    this.spec = spec
    this.epsilon = epsilon
    this.#seed = seed
    this.#encoder = encoder
    this.#features = encoder === undefined ? undefined : new SingleRow(encoder.size)
    this.#slots = allocateSlots(spec, 1)
    const { layout, observation, mask, observationId, stateId, state, alive, featureRow } = this.#slots
    this.#initial = initialMemory(policy, layout)
    this.#batch = {
      ...{ layout, size: 1, observation, mask, observationId, stateId, state, alive, featureRow },
      ...(this.#features === undefined ? {} : { features: this.#features }),
      ...(policy.memory === undefined ? {} : { memory: this.#initial.slice() }),
    }
    this.#still = new Rng(seed)
    const { actionsOf, numActions } = layout
    this.#scores = new Float64Array(actionsOf.length * numActions)
    this.#chances = new Float64Array(actionsOf.length * numActions)
  }

  /** The encoded text of the last decision; undefined without an encoder. */
  get features(): { readonly index: Int32Array; readonly value: Float32Array } | undefined {
    if (this.#features === undefined) return undefined
    const length = this.#features.rowStart[1]!
    return { index: this.#features.index.subarray(0, length), value: this.#features.value.subarray(0, length) }
  }

  /**
   * Begins a request, an episode or whatever the policy remembers through. One session may decide many times, as a cascade does.
   * @param id - of its draws: the same id draws the same again
   */
  begin(id: string): Session {
    const draws = this.policy.probabilities !== undefined || this.epsilon > 0
    return new Session(this, this.#initial.slice(), () => (draws ? new Rng(`${this.#seed}/${id}`) : this.#still))
  }

  /**
   * What the agents see now, as a batch of one row: the same one every time. The slot is blank before `observe` writes: no legal
   * action, zeros, no numbers, all agents acting.
   * @throws SpaceError when an agent that acts has no legal action, or a text is missing where the policy reads one
   */
  look(observe: (slot: Slot) => void, text: string | undefined, memory: Float32Array): PolicyBatch {
    const slots = this.#slots
    blank(slots)
    this.#batch.memory?.set(memory)
    observe(slots.rows[0]!)
    this.#encode(text)
    const { actionsOf, heads, numActions } = slots.layout
    for (let c = 0; c < actionsOf.length; c++) {
      const agent = Math.floor(c / heads)
      if (slots.alive[agent] === 0) slots.mask.fill(0, c * numActions, (c + 1) * numActions)
      else if (actionsOf[c]! > 0 && !slots.mask.subarray(c * numActions, (c + 1) * numActions).includes(1)) {
        throw new SpaceError(
          `Controller: agent "${this.spec.agents[agent]!.name}" has no legal action; let it pass at least, or say that it is away: slot.alive`,
        )
      }
    }
    return this.#batch
  }

  /** Every legal action of every agent, best first. */
  rank(batch: PolicyBatch): Candidate[] {
    if (this.policy.scores === undefined) return []
    this.policy.scores(batch, this.#scores)
    const { actionsOf, heads, numActions } = batch.layout
    const candidates: Candidate[] = []
    for (let c = 0; c < actionsOf.length; c++) {
      const agent = this.spec.agents[Math.floor(c / heads)]!.name
      const head = heads === 1 ? {} : { head: c % heads }
      for (let action = 0; action < numActions; action++) {
        const k = c * numActions + action
        if (batch.mask[k] === 1) candidates.push({ agent, ...head, action, score: this.#scores[k]! })
      }
    }
    return candidates.sort((a, b) => b.score - a.score)
  }

  /** f64 [N, H, A], the policy's own chances where it draws; null where it doesn't. Valid until the next call. */
  chances(batch: PolicyBatch): Float64Array | null {
    if (this.policy.probabilities === undefined) return null
    this.#chances.fill(0)
    this.policy.probabilities(batch, this.#chances)
    return this.#chances
  }

  #encode(text: string | undefined): void {
    if (this.#encoder === undefined || this.#features === undefined) return
    if (text === undefined) {
      throw new SpaceError(`Controller: the policy reads texts, and got none; decide(observe, text)`)
    }
    this.#encoder.encode({ text }, this.#row)
    this.#features.set(this.#row)
    this.#slots.featureRow.fill(0)
  }
}

/** Decisions that belong together: what the agents remember goes from one to the next. Made by `Controller.begin`. */
export class Session {
  readonly #controller: Controller
  readonly #memory: Float32Array
  readonly #makeRng: () => Rng
  #rng: Rng | undefined

  constructor(controller: Controller, memory: Float32Array, makeRng: () => Rng) {
    this.#controller = controller
    this.#memory = memory
    this.#makeRng = makeRng
  }

  /**
   * Decides on what is seen now.
   * @param observe - writes masks and observations (numbers, real values, or both, as the policy needs) into the blank slot
   * @param text - what the encoder reads
   * @throws SpaceError when an agent that acts has no legal action, or a text is missing where the policy reads one
   * @throws ModelError when the policy draws and doesn't say its probabilities: nobody could learn from such decisions
   */
  decide(observe: (slot: Slot) => void, text?: string): Decision {
    const controller = this.#controller
    const { policy } = controller
    const batch = controller.look(observe, text, this.#memory)
    const candidates = controller.rank(batch)
    const chances = controller.chances(batch)
    const actions = new Int32Array(batch.layout.actionsOf.length)
    const before = this.#draws.saveState()
    policy.act(batch, this.#draws, actions)
    if (batch.memory !== undefined) this.#memory.set(batch.memory)
    const drew = this.#draws.saveState().some((part, k) => part !== before[k])
    if (chances === null && drew) {
      throw new ModelError(
        'Controller: the policy draws random numbers in act but has no `probabilities`, so that its propensities are unknown; add them',
      )
    }
    return { actions, candidates, propensities: this.#explore(batch, chances, actions) }
  }

  get #draws(): Rng {
    this.#rng ??= this.#makeRng()
    return this.#rng
  }

  /** Puts explored actions in place of the policy's, and 0 where nobody acts. @returns the chance of every action */
  #explore({ layout, mask }: PolicyBatch, chances: Float64Array | null, actions: Int32Array): Float64Array {
    const { actionsOf, numActions } = layout
    const { epsilon } = this.#controller
    const propensities = new Float64Array(actionsOf.length * numActions)
    for (let i = 0; i < actionsOf.length; i++) {
      const first = i * numActions
      const legal: number[] = []
      for (let action = 0; action < numActions; action++) if (mask[first + action] === 1) legal.push(action)
      if (legal.length === 0) {
        actions[i] = 0
        continue
      }
      const base = Float64Array.from(legal, (action) => chances?.[first + action] ?? Number(action === actions[i]))
      exploringChances(base, epsilon).forEach((chance, place) => {
        propensities[first + legal[place]!] = chance
      })
      if (epsilon === 0) continue
      const { place } = drawExploring(legal.length, epsilon, this.#draws, () => legal.indexOf(actions[i]!))
      actions[i] = legal[place]!
    }
    return propensities
  }
}

function blank(slots: SlotBuffers): void {
  slots.mask.fill(0)
  slots.observation.fill(0)
  slots.state.fill(0)
  slots.observationId.fill(-1)
  slots.stateId.fill(-1)
  slots.featureRow.fill(-1)
  slots.alive.fill(1)
}
