import type { Rng } from '../rng.js'
import type { Slot } from '../slot.js'
import { LeavingTeam } from './leaving-team.js'

/** `LeavingTeam`, whose guest shows another number once it has left, for tests: nobody may read it. */
export class UnseenGuest extends LeavingTeam {
  readonly #number: number
  #own!: Slot

  /** @param number - what `observationId` of the guest is while it is away */
  constructor(number: number) {
    super()
    this.#number = number
  }

  override bind(slot: Slot): void {
    this.#own = slot
    super.bind(slot)
  }

  override reset(rng: Rng): void {
    super.reset(rng)
    this.#hide()
  }

  override step(actions: Int32Array): void {
    super.step(actions)
    this.#hide()
  }

  override loadState(saved: Parameters<LeavingTeam['loadState']>[0]): void {
    super.loadState(saved)
    this.#hide()
  }

  override showState(state: number): void {
    super.showState(state)
    this.#hide()
  }

  #hide(): void {
    if (this.#own.alive[0] === 0) this.#own.observationId[0] = this.#number
  }
}
