import type { Env } from '../env.js'
import { Rng } from '../rng.js'
import type { Slot } from '../slot.js'
import { sampleMasked } from '../space.js'
import { type Layout, layoutOf } from '../spec.js'

/** Plays an environment with random legal actions; equal seeds give equal play. */
export class Player {
  readonly env: Env
  readonly slot: Slot
  /** The joint action of the last step; never handed out. */
  readonly actions: Int32Array
  /** Whether every step is passed an array of its own; else it is the same array every time, as in `VectorEnv`. */
  freshArrays = false
  /** Called right after every step with the array that was passed to it. */
  afterStep: ((passed: Int32Array) => void) | undefined
  #passed: Int32Array
  readonly #layout: Layout
  readonly #envRng: Rng
  #actionRng: Rng

  /** @param env - fresh or not; bound to `slot` from then on */
  constructor(env: Env, slot: Slot, seed: string) {
    this.env = env
    this.slot = slot
    this.#layout = layoutOf(env.spec)
    this.actions = new Int32Array(this.#layout.actionsOf.length)
    this.#passed = new Int32Array(this.#layout.actionsOf.length)
    this.#envRng = new Rng(`${seed}/env`)
    this.#actionRng = new Rng(`${seed}/actions`)
    env.bind(slot)
  }

  get ended(): boolean {
    return this.slot.terminated[0] !== 0 || this.slot.truncated[0] !== 0
  }

  /** Chooses from another stream from now on. */
  chooseFrom(seed: string): void {
    this.#actionRng = new Rng(seed)
  }

  reset(): void {
    this.env.reset(this.#envRng)
  }

  /** Draws a legal action for every agent and steps; false, without a step, when an agent that acts has none. */
  step(): boolean {
    const { heads, numActions, actionsOf } = this.#layout
    for (let c = 0; c < actionsOf.length; c++) {
      const action = sampleMasked(this.slot.mask, c * numActions, actionsOf[c]!, this.#actionRng)
      if (action < 0 && actionsOf[c]! > 0 && this.slot.alive[Math.floor(c / heads)] === 1) return false
      this.actions[c] = Math.max(action, 0)
    }
    if (this.freshArrays) this.#passed = new Int32Array(actionsOf.length)
    this.#passed.set(this.actions)
    this.env.step(this.#passed)
    this.afterStep?.(this.#passed)
    return true
  }
}
