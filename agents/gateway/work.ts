import type { ServerResponse } from 'node:http'
import type { Clock } from '../client/clock.js'
import { ApiError, retryAfter } from './api-error.js'

/** Why a request in work was given up. */
export type GivenUp = 'client-gone' | 'deadline' | 'stopping'

/** One request in work: its deadline, and who still waits for it. */
export class Work {
  readonly #controller = new AbortController()
  readonly #deadline: number
  readonly #clock: Clock
  readonly #cancelDeadline: () => void

  constructor(deadlineMs: number, clock: Clock) {
    this.#clock = clock
    this.#deadline = clock.elapsedMs() + deadlineMs
    this.#cancelDeadline = clock.later(deadlineMs, () => this.giveUp('deadline'))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get givenUp(): GivenUp | null {
    return this.signal.aborted ? (this.signal.reason as GivenUp) : null
  }

  remainingMs(): number {
    return Math.max(0, this.#deadline - this.#clock.elapsedMs())
  }

  giveUp(reason: GivenUp): void {
    this.#controller.abort(reason)
  }

  end(): void {
    this.#cancelDeadline()
  }
}

/** The requests that have come, and those in work: how many there may be of these. */
export class WorkList {
  readonly #limit: number
  readonly #deadlineMs: number
  readonly #clock: Clock
  readonly #works = new Set<Work>()
  readonly #admitted = new Set<Work>()
  #stopping = false
  #idle: (() => void) | null = null

  constructor(limit: number, deadlineMs: number, clock: Clock) {
    this.#clock = clock
    this.#limit = limit
    this.#deadlineMs = deadlineMs
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /**
   * Takes a request in, until its response is over. It needs no place before its body is there: clients that send slowly
   * would keep the others out.
   * @throws ApiError 429 when there are too many in work, 503 when the gateway stops
   */
  enter(outgoing: ServerResponse): Work {
    if (this.#stopping) {
      throw new ApiError(503, 'the gateway is stopping', { code: 'shutting_down', headers: retryAfter(1000) })
    }
    // Full by now: the body needn't be read.
    this.#checkPlaces()
    const work = new Work(this.#deadlineMs, this.#clock)
    this.#works.add(work)
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) work.giveUp('client-gone')
      work.end()
      this.#works.delete(work)
      this.#admitted.delete(work)
      if (this.#works.size === 0) this.#idle?.()
    })
    return work
  }

  /**
   * Gives a request whose body is there a place among those in work.
   * @throws ApiError 429 when there are too many
   */
  admit(work: Work): void {
    this.#checkPlaces()
    // One whose client has gone was let go before.
    if (this.#works.has(work)) this.#admitted.add(work)
  }

  #checkPlaces(): void {
    if (this.#admitted.size < this.#limit) return
    const message = `more than ${this.#limit} requests at once; try again, or raise limits.concurrentRequests`
    throw new ApiError(429, message, { code: 'too_many_requests', headers: retryAfter(1000) })
  }

  /** Takes nothing more in; resolves when nothing is in work any more, or gives up what is after `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.#stopping = true
    if (this.#works.size === 0) return
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve
    })
    let cancel = this.#clock.later(limitMs, () => {
      for (const work of this.#works) work.giveUp('stopping')
      // What is left then are clients that don't read their answers.
      cancel = this.#clock.later(1000, () => this.#idle?.())
    })
    await idle
    cancel()
  }
}
