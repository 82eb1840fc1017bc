import type { Policy, PolicyBatch } from '#env/policy.js'
import { initialMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import type { DispatchView } from '#env/routing-dispatch/dispatch-view.js'
import { allocateSlots, type SlotBuffers } from '#env/slot.js'

/** How a decider draws. */
export interface DeciderOptions {
  /** Of the policy's draws and of exploration. */
  readonly seed: string
  /**
   * Chance that the team explores: the query goes to one of those that may claim it, or to nobody, all equally likely. One draw for the
   * team: were each agent to explore for itself, many would claim at once.
   */
  readonly epsilon: number
}

/**
 * A policy in charge of a team with queues: it sees the state through the view that the environment shows it through, and says
 * who claims. A decision allocates nothing; scores and propensities are worked out when they are asked for.
 */
export class Decider {
  /** i32 [N], or [1] for a central dispatcher: what each agent does by the last decision. */
  readonly actions: Int32Array
  /** Whether the last decision was an exploring draw. */
  explored = false
  /** Whether the policy could not make the last decision: nobody claims then. */
  failed = false
  /** How often the policy that leads now threw, or chose what isn't legal; and how, the last time. */
  faults = 0
  fault: string | null = null
  readonly #view: DispatchView
  readonly #slots: SlotBuffers
  readonly #options: DeciderOptions
  readonly #draws: Rng
  readonly #exploring: Rng
  readonly #scores: Float64Array
  readonly #chances: Float64Array
  /** i32, what the policy wanted where exploration chose otherwise. */
  readonly #wanted: Int32Array
  #policy: Policy
  #batch: PolicyBatch

  constructor(policy: Policy, view: DispatchView, options: DeciderOptions) {
    this.#view = view
    this.#options = options
    this.#draws = new Rng(options.seed)
    this.#exploring = this.#draws.fork('exploration')
    this.#slots = allocateSlots(view.spec, 1)
    const { layout } = this.#slots
    this.actions = new Int32Array(layout.actionsOf.length)
    this.#wanted = new Int32Array(this.actions.length)
    this.#scores = new Float64Array(layout.actionsOf.length * layout.numActions)
    this.#chances = new Float64Array(this.#scores.length)
    this.#policy = policy
    this.#batch = this.#batchFor(policy)
  }

  get policy(): Policy {
    return this.#policy
  }

  /** Another policy takes over; what the one before remembered is forgotten. */
  set policy(policy: Policy) {
    this.#batch = this.#batchFor(policy)
    this.#policy = policy
    this.faults = 0
    this.fault = null
  }

  /** What the policy remembers is forgotten. */
  forget(): void {
    this.#batch.memory?.set(initialMemory(this.#policy, this.#slots.layout))
  }

  /** The state's number, -1 where it has none. */
  get stateId(): number {
    return this.#slots.stateId[0]!
  }

  /** f32 [G], the global state as real numbers. */
  get numbers(): Float32Array {
    return this.#slots.state
  }

  /**
   * Decides in the state as it is now. A policy that throws, or chooses what isn't legal, leaves the query where it is.
   * @returns how many claim: the first so many of the view's `claimants`
   */
  decide(): number {
    const { rows } = this.#slots
    this.#view.write(rows[0]!)
    this.#act()
    this.explored = this.#options.epsilon > 0 && this.#exploring.uniform() < this.#options.epsilon
    if (this.explored) {
      this.#wanted.set(this.actions)
      this.#explore()
    }
    return this.#view.readClaims(this.actions)
  }

  /**
   * f64 [N, A], the policy's scores of the last state's actions, higher is better, -Infinity for those that aren't legal; null where the policy
   * has none. Valid until the next call.
   */
  scores(): Float64Array | null {
    if (this.#policy.scores === undefined || this.failed) return null
    try {
      this.#policy.scores(this.#batch, this.#scores)
      return this.#scores
    } catch (error) {
      this.#note(error)
      return null
    }
  }

  /** The chance that what was decided had, exploration included. A policy without `probabilities` draws nothing. */
  propensity(): number {
    const { numActions } = this.#slots.layout
    const { mask } = this.#slots
    const { epsilon } = this.#options
    let eligible = 0
    let acting = 0
    let base = 1
    const draws = this.#writeChances()
    this.actions.forEach((action, i) => {
      const first = i * numActions
      for (let a = 1; a < numActions; a++) eligible += mask[first + a]!
      if (action > 0) acting++
      if (draws) base *= this.#chances[first + action]!
    })
    if (!draws && this.explored) {
      base = this.#wanted.every((action, i) => action === this.actions[i]) ? 1 : 0
    }
    return (1 - epsilon) * base + (acting <= 1 ? epsilon / (eligible + 1) : 0)
  }

  #act(): void {
    const { actions } = this
    const { mask, layout } = this.#slots
    this.failed = false
    try {
      this.#policy.act(this.#batch, this.#draws, actions)
      for (let i = 0; i < actions.length; i++) {
        const action = actions[i]!
        if (action >= 0 && action < layout.numActions && mask[i * layout.numActions + action] === 1) continue
        throw new RangeError(`${this.#view.spec.agents[i]!.name}: action ${action} isn't legal in this state`)
      }
    } catch (error) {
      this.failed = true
      actions.fill(0)
      this.#note(error)
    }
  }

  /** Fills in the chances of the policy's draws. @returns whether it has any */
  #writeChances(): boolean {
    if (this.#policy.probabilities === undefined || this.failed) return false
    this.#chances.fill(0)
    try {
      this.#policy.probabilities(this.#batch, this.#chances)
      return true
    } catch (error) {
      this.#note(error)
      return false
    }
  }

  #note(error: unknown): void {
    this.faults++
    this.fault = error instanceof Error ? error.message : String(error)
  }

  #explore(): void {
    const { mask, layout } = this.#slots
    const { actions } = this
    let eligible = 0
    for (let i = 0; i < actions.length; i++) {
      actions[i] = 0
      for (let a = 1; a < layout.numActions; a++) eligible += mask[i * layout.numActions + a]!
    }
    let place = this.#exploring.integer(eligible + 1)
    if (place === eligible) return
    for (let k = 0; k < mask.length; k++) {
      if (k % layout.numActions === 0 || mask[k] !== 1) continue
      if (place-- === 0) actions[Math.floor(k / layout.numActions)] = k % layout.numActions
    }
  }

  #batchFor(policy: Policy): PolicyBatch {
    const { layout, observation, mask, observationId, stateId, state, alive } = this.#slots
    alive.fill(1)
    const memory = policy.memory === undefined ? {} : { memory: initialMemory(policy, layout).slice() }
    return { layout, size: 1, observation, mask, observationId, stateId, state, alive, ...memory }
  }
}
