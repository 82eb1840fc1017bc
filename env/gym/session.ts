import type { Env } from '../env.js'
import { IllegalActionError, LifecycleError } from '../errors.js'
import { Rng } from '../rng.js'
import { allocateSlots, type Slot } from '../slot.js'
import { headSizes } from '../space.js'
import type { Layout } from '../spec.js'

/** A seed: any text or number; equal ones give equal episodes. */
export type Seed = string | number

/** An action for an outside caller: its index, or the choices of a multi-discrete space. */
export type ActionInput = number | readonly number[]

/** What an agent is told besides its observation. */
export interface AgentInfo {
  /** u8 [actions of the agent], 1 = legal; of a multi-discrete space one part after the other, a mask a choice. */
  readonly mask: Uint8Array
  /** The observation's number, -1 where it can't be numbered. */
  readonly observationId: number
  /** The state's number, -1 where it can't be numbered. */
  readonly stateId: number
  /** What the environment reported at this step, by name, in the units of `spec.quantities`. */
  readonly quantities: { readonly [name: string]: number }
  /** Time the step took; discount = gamma^elapsed. */
  readonly elapsed: number
}

/**
 * One environment on a slot of its own, with the checks that outside callers need and learners skip: order of calls,
 * legality of actions. What it hands out are copies.
 */
export class Session {
  readonly env: Env
  readonly layout: Layout
  readonly slot: Slot
  readonly actions: Int32Array
  readonly #where: string
  #rng: Rng | undefined
  #phase: 'fresh' | 'running' | 'ended' = 'fresh'

  /** @param where - name of the face, for messages */
  constructor(env: Env, where: string) {
    this.env = env
    this.#where = `${where}(${env.spec.id})`
    const buffers = allocateSlots(env.spec, 1)
    this.layout = buffers.layout
    this.slot = buffers.rows[0]!
    this.actions = new Int32Array(this.layout.actionsOf.length)
    env.bind(this.slot)
  }

  /** Whether an episode is going on. */
  get running(): boolean {
    return this.#phase === 'running'
  }

  /** Starts an episode; without a seed the stream of the last one goes on (seed 0 the first time). */
  reset(seed: Seed | undefined): void {
    if (seed !== undefined || this.#rng === undefined) this.#rng = new Rng(String(seed ?? 0))
    this.env.reset(this.#rng)
    this.#phase = 'running'
  }

  /** @throws LifecycleError before `reset`, and after the end of an episode */
  checkRunning(): void {
    if (this.#phase === 'running') return
    const reason = this.#phase === 'fresh' ? 'no episode has been started' : 'the episode has ended'
    throw new LifecycleError(`${this.#where}.step: ${reason}; call reset first`)
  }

  /** Steps with `actions`; all checked before. */
  step(): void {
    this.env.step(this.actions)
    if (this.slot.terminated[0] === 1 || this.slot.truncated[0] === 1) this.#phase = 'ended'
  }

  /**
   * Puts an agent's action in its place.
   * @throws IllegalActionError when it is missing, lies outside the space or is masked
   */
  choose(agent: number, input: ActionInput | undefined): void {
    const { name, action: space } = this.env.spec.agents[agent]!
    const where = `${this.#where}.step: agent "${name}"`
    if (input === undefined) throw new IllegalActionError(`${where}: no action given; every agent that acts needs one`)
    const sizes = headSizes(space)
    const choices = typeof input === 'number' ? [input] : input
    const isList = typeof input !== 'number'
    if (isList !== (space.kind === 'multi-discrete') || choices.length !== sizes.length) {
      const expected = space.kind === 'multi-discrete' ? `a list of ${sizes.length} choices` : 'one action'
      throw new IllegalActionError(`${where}: expected ${expected}, got ${JSON.stringify(input)}`)
    }
    choices.forEach((action, head) => {
      const what = isList ? `choice ${head}: action ${action}` : `action ${action}`
      if (!Number.isInteger(action) || action < 0 || action >= sizes[head]!) {
        throw new IllegalActionError(`${where}: ${what} lies outside 0..${sizes[head]! - 1}`)
      }
      const mask = this.#maskOf(agent, head)
      if (mask[action] !== 1) {
        const legal = [...mask.keys()].filter((a) => mask[a] === 1)
        throw new IllegalActionError(`${where}: ${what} is masked; legal now: ${legal.join(', ') || 'none'}`)
      }
      this.actions[agent * this.layout.heads + head] = action
    })
  }

  /** An agent that doesn't act. */
  pass(agent: number): void {
    const { heads } = this.layout
    this.actions.fill(0, agent * heads, (agent + 1) * heads)
  }

  /** f32 [observation size of the agent], a copy. */
  observation(agent: number): Float32Array {
    const from = agent * this.layout.observationSize
    return this.slot.observation.slice(from, from + this.env.spec.agents[agent]!.observation.size)
  }

  info(agent: number): AgentInfo {
    const { slot } = this
    const quantities = Object.fromEntries(this.env.spec.quantities.map(({ name }, k) => [name, slot.quantities[k]!]))
    return {
      mask: this.#masksOf(agent),
      observationId: slot.observationId[agent]!,
      stateId: slot.stateId[0]!,
      quantities,
      elapsed: slot.elapsed[0]!,
    }
  }

  /** Masks of all of an agent's choices, one after the other. */
  #masksOf(agent: number): Uint8Array {
    const parts = headSizes(this.env.spec.agents[agent]!.action).map((_, head) => [...this.#maskOf(agent, head)])
    return Uint8Array.from(parts.flat())
  }

  #maskOf(agent: number, head: number): Uint8Array {
    const { heads, numActions, actionsOf } = this.layout
    const place = agent * heads + head
    return this.slot.mask.subarray(place * numActions, place * numActions + actionsOf[place]!)
  }
}
