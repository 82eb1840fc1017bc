import type { Clock } from '../client/clock.js'

/** So many boundaries that are late come one right after the other; then others may run. */
const mostAtOnce = 100

/** Who hears of ticks. */
export interface TickListener {
  /** A tick is over. */
  boundary(): void
  /** The boundary that follows comes later than half a tick. */
  late(ms: number): void
}

/**
 * Calls at every boundary between two ticks. Boundaries lie at multiples of a tick since the epoch, as those of others who count ticks do.
 * One that is late is late, never skipped.
 */
export class TickTimer {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #listener: TickListener
  #startedAt = 0
  #boundaries = 0
  #cancel: (() => void) | null = null

  constructor(clock: Clock, tickMs: number, listener: TickListener) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#listener = listener
  }

  start(): void {
    this.#startedAt = this.#clock.elapsedMs() - (this.#clock.now() % this.#tickMs)
    this.#wait()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #wait(): void {
    this.#cancel = this.#clock.later(Math.max(0, this.#due - this.#clock.elapsedMs()), () => this.#turn())
  }

  #turn(): void {
    for (let k = 0; k < mostAtOnce && this.#clock.elapsedMs() >= this.#due; k++) {
      const lateMs = this.#clock.elapsedMs() - this.#due
      if (lateMs > this.#tickMs / 2) this.#listener.late(lateMs)
      this.#boundaries++
      this.#listener.boundary()
      if (this.#cancel === null) return
    }
    this.#wait()
  }

  get #due(): number {
    return this.#startedAt + (this.#boundaries + 1) * this.#tickMs
  }
}
