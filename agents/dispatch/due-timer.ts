import type { Clock } from '../client/clock.js'

/** Calls at one time, which may change until then; never before it, also where the clock calls back early. */
export class DueTimer {
  readonly #clock: Clock
  readonly #call: () => void
  #due = Number.POSITIVE_INFINITY
  #cancel: (() => void) | null = null

  constructor(clock: Clock, call: () => void) {
    this.#clock = clock
    this.#call = call
  }

  /** @param due - by the clock's `elapsedMs`, in the place of what was set before; Infinity: never */
  set(due: number): void {
    if (due === this.#due) return
    this.#cancel?.()
    this.#cancel = null
    this.#due = due
    if (due < Number.POSITIVE_INFINITY) this.#wait()
  }

  #wait(): void {
    this.#cancel = this.#clock.later(Math.max(0, this.#due - this.#clock.elapsedMs()), () => {
      if (this.#clock.elapsedMs() < this.#due) {
        this.#wait()
        return
      }
      this.#cancel = null
      this.#due = Number.POSITIVE_INFINITY
      this.#call()
    })
  }
}
