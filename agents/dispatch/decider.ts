import type { Policy, PolicyBatch } from '#env/policy.js'
import { initialMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import type { DispatchView } from '#env/routing-dispatch/dispatch-view.js'
import { allocateSlots, type SlotBuffers } from '#env/slot.js'
import { awardChances } from './award-chances.js'

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
  /** Whether one dispatcher chooses among the agents; else each of them claims or passes. */
  readonly #central: boolean
  /** f64 [N], the chance that each agent claims. */
  readonly #claims: Float64Array
  readonly #propensities: Float64Array
  /** i32, what the policy wanted where exploration chose otherwise. */
  readonly #wanted: Int32Array
  #policy: Policy
  #batch: PolicyBatch
  /** What the policy remembered before the last decision: scores and chances follow from it. */
  #before: PolicyBatch

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
    const n = view.claimants.length
    this.#central = view.centralised
    this.#claims = new Float64Array(n)
    this.#propensities = new Float64Array(n + 1)
    this.#policy = policy
    this.#batch = this.#batchFor(policy)
    this.#before = beforehand(this.#batch)
  }

  get policy(): Policy {
    return this.#policy
  }

  /** Another policy takes over; what the one before remembered is forgotten. */
  set policy(policy: Policy) {
    this.#batch = this.#batchFor(policy)
    this.#before = beforehand(this.#batch)
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
      this.#policy.scores(this.#before, this.#scores)
      return this.#scores
    } catch (error) {
      this.#note(error)
      return null
    }
  }

  /**
   * f64 [N + 1], the chance of each agent to get the query of the last decision, and of nobody to: by the policy's draws, by exploration, and by
   * the draw among several that claim. A policy without `probabilities` draws nothing. Valid until the next call.
   */
  propensities(): Float64Array {
    const { mask } = this.#slots
    const { epsilon } = this.#options
    const claims = this.#claims
    const out = this.#propensities
    const n = claims.length
    const central = this.#central
    const draws = this.#writeChances()
    const chosen = this.explored ? this.#wanted : this.actions
    for (let i = 0; i < n; i++) {
      if (central) claims[i] = draws ? this.#chances[i + 1]! : Number(chosen[0] === i + 1)
      else claims[i] = draws ? this.#chances[2 * i + 1]! : chosen[i]!
    }
    if (central) {
      out.set(claims)
      out[n] = Math.max(0, 1 - claims.reduce((sum, chance) => sum + chance, 0))
    } else awardChances(claims, out)
    if (epsilon === 0) return out
    const eligible = (i: number) => mask[central ? i + 1 : 2 * i + 1]!
    let options = 1
    for (let i = 0; i < n; i++) options += eligible(i)
    for (let i = 0; i <= n; i++) {
      out[i] = (1 - epsilon) * out[i]! + (i === n || eligible(i) === 1 ? epsilon / options : 0)
    }
    return out
  }

  #act(): void {
    const { actions } = this
    const { mask, layout } = this.#slots
    this.failed = false
    if (this.#batch.memory !== undefined) this.#before.memory!.set(this.#batch.memory)
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
      this.#policy.probabilities(this.#before, this.#chances)
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

/** The same batch with a memory of its own. */
function beforehand(batch: PolicyBatch): PolicyBatch {
  return batch.memory === undefined ? batch : { ...batch, memory: batch.memory.slice() }
}
