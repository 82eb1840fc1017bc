import { Rng } from '#env/rng.js'

/** A generator that gives the same number for ever: for what happens at the very bound. */
export class SameRng extends Rng {
  readonly #drawn: number

  /** @param drawn - in [0, 1) */
  constructor(drawn: number) {
    super('same')
    this.#drawn = drawn
  }

  override uniform(): number {
    return this.#drawn
  }
}
