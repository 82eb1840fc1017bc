import { Env, type EnvState } from '#env/env.js'
import { StateError } from '#env/errors.js'
import { Rng, type RngState } from '#env/rng.js'
import type { Slot } from '#env/slot.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec, ObservedDigits } from '#env/spec.js'

/** What a joint action leads to. */
export interface Outcome {
  readonly next: number
  /** Of each agent. */
  readonly rewards: readonly number[]
  /** Default 1. */
  readonly elapsed?: number
  /** The episode ends by its rules. */
  readonly terminated?: boolean
  /** The episode is cut off. */
  readonly truncated?: boolean
}

/** A world of a few states, small enough that the right choices are known. */
export interface WorldTable {
  readonly name: string
  /** Names of the agents. */
  readonly agents: readonly string[]
  readonly states: number
  readonly numActions: number
  /** States that episodes start in, drawn with equal chance; a state may stand more than once. */
  readonly starts: readonly number[]
  /** Actions that an agent may take in a state; none: it isn't there. Default: all. */
  legal?(state: number, agent: number): readonly number[]
  /** The number of what an agent observes in a state. Default: the state. */
  observed?(state: number, agent: number): number
  step(state: number, actions: readonly number[]): Outcome
}

/** Steps after which any episode is cut off. */
const LIMIT_STEPS = 20

/** The state as the one digit of a single agent: nothing in these worlds is left to chance, so that it leads to the next state. */
function digitsOf({ states, numActions, legal, step }: WorldTable): ObservedDigits {
  const leads = (action: number) => (state: number) => {
    const may = legal?.(state, 0).includes(action) ?? true
    return may ? step(state, [action]).next : state
  }
  const each = Array.from({ length: states }, (_, state) => state)
  return {
    sizes: [states],
    afterAction: Array.from({ length: numActions }, (_, action) => [each.map(leads(action))]),
    subject: 0,
  }
}

/** An environment made from a table: numbered observations and states, and the same as vectors with a single 1. */
export class KnownWorld extends Env {
  readonly spec: EnvSpec
  readonly #table: WorldTable
  #slot!: Slot
  #rng!: Rng
  #state = 0
  #steps = 0
  #terminated = false
  #truncated = false

  constructor(table: WorldTable) {
    super()
    this.#table = table
    const { states } = table
    this.spec = {
      id: `check-${table.name}`,
      version: '1',
      open: true,
      agents: table.agents.map((name) => ({
        name,
        observation: box(states, 0, 1),
        action: discrete(table.numActions),
        numObservations: states,
        ...(table.agents.length === 1 && table.observed === undefined ? { digits: digitsOf(table) } : {}),
      })),
      numStates: states,
      stateSize: states,
      quantities: [],
      score: { aggregate: 'team-sum', over: 'episode' },
      limitSteps: LIMIT_STEPS,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#slot.reward.fill(0)
    this.#slot.elapsed[0] = 1
    this.show(this.#table.starts[rng.integer(this.#table.starts.length)]!)
  }

  /** Shows a state as an episode that starts there would. */
  show(state: number): void {
    this.#state = state
    this.#steps = 0
    this.#terminated = false
    this.#truncated = false
    this.#write()
  }

  override step(actions: Int32Array): void {
    const outcome = this.#table.step(this.#state, [...actions])
    this.#slot.reward.set(outcome.rewards)
    this.#slot.elapsed[0] = outcome.elapsed ?? 1
    this.#state = outcome.next
    this.#steps++
    this.#terminated = outcome.terminated === true
    this.#truncated = !this.#terminated && (outcome.truncated === true || this.#steps >= LIMIT_STEPS)
    this.#write()
  }

  override saveState(): EnvState {
    return {
      state: this.#state,
      steps: this.#steps,
      terminated: this.#terminated,
      truncated: this.#truncated,
      rng: [...this.#rng.saveState()],
    }
  }

  override loadState(saved: EnvState): void {
    const { state, steps, terminated, truncated, rng } = saved
    if (typeof state !== 'number' || typeof steps !== 'number') {
      throw new StateError(`${this.spec.id}: expected a saved state with numbers state and steps`)
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng as unknown as RngState)
    this.#state = state
    this.#steps = steps
    this.#terminated = terminated === true
    this.#truncated = truncated === true
    this.#write()
  }

  #write(): void {
    const slot = this.#slot
    const { agents, states, numActions } = this.#table
    const state = this.#state
    slot.mask.fill(0)
    slot.observation.fill(0)
    slot.state.fill(0)
    agents.forEach((_, i) => {
      const legal = this.#table.legal?.(state, i) ?? Array.from({ length: numActions }, (__, a) => a)
      for (const action of legal) slot.mask[i * numActions + action] = 1
      slot.alive[i] = legal.length > 0 ? 1 : 0
      const id = this.#table.observed?.(state, i) ?? state
      slot.observationId[i] = id
      if (slot.observation.length > 0) slot.observation[i * states + id] = 1
    })
    slot.stateId[0] = state
    if (slot.state.length > 0) slot.state[state] = 1
    slot.terminated[0] = this.#terminated ? 1 : 0
    slot.truncated[0] = this.#truncated ? 1 : 0
  }
}
