import type { Clock } from '../client/clock.js'
import type { DispatchCore } from './dispatch-core.js'
import { DueTimer } from './due-timer.js'

export interface EventTimeParts {
  readonly core: DispatchCore
  readonly clock: Clock
  /** Before the core hears of a moment: how the agents are. */
  before(): void
  /** After it: what was decided is done. */
  after(): void
  /** When something else is to be looked at, by the clock's `elapsedMs`; Infinity = never. */
  due(): number
}

/**
 * The time of a core that decides at events: tells it of each moment at which something has happened, and of those for which what waits
 * has to be looked at again. Moments never lie in each other: what happens during one is the next, at the same time.
 */
export class EventTime {
  readonly #parts: EventTimeParts
  readonly #startedAt: number
  readonly #timer: DueTimer
  /** Moments until then are to be told at least, ms since the start: what is due then is not missed by rounding. */
  #reached = 0
  #isUnderWay = false
  #isWanted = false
  #isOver = false

  constructor(parts: EventTimeParts) {
    this.#parts = parts
    this.#startedAt = parts.clock.elapsedMs()
    this.#timer = new DueTimer(parts.clock, () => {
      const { due } = parts.core.state
      if (this.#startedAt + due <= parts.clock.elapsedMs()) this.#reached = due
      this.happened()
    })
  }

  /** Something has happened: the core decides, now. */
  happened(): void {
    if (this.#isOver) return
    this.#isWanted = true
    if (this.#isUnderWay) return
    this.#isUnderWay = true
    const { core, before, after, due } = this.#parts
    try {
      while (this.#isWanted) {
        this.#isWanted = false
        before()
        core.moment(this.#now())
        after()
      }
    } finally {
      this.#isUnderWay = false
    }
    this.#timer.set(Math.min(this.#startedAt + core.state.due, due()))
  }

  /** A last moment, so that all time is paid for; nothing happens after it. */
  stop(): void {
    this.happened()
    this.#isOver = true
    this.#timer.set(Number.POSITIVE_INFINITY)
  }

  /** ms since the start, to the microsecond; never before the last moment. */
  #now(): number {
    const { clock, core } = this.#parts
    const elapsed = Math.round(1000 * (clock.elapsedMs() - this.#startedAt)) / 1000
    return Math.max(elapsed, core.state.now, this.#reached)
  }
}
