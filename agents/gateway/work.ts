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
  /** Of its body, in memory. */
  bytes = 0

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

/** Of what there may be only so much at once. */
export interface WorkLimits {
  readonly concurrentRequests: number
  readonly bodiesBytes: number
}

/** The requests that have come, and those in work: how many there may be of these, and how many bytes of all of them. */
export class WorkList {
  readonly #limits: WorkLimits
  readonly #deadlineMs: number
  readonly #clock: Clock
  readonly #works = new Set<Work>()
  readonly #admitted = new Set<Work>()
  readonly #full: ApiError
  readonly #heavy: ApiError
  readonly #closing: ApiError
  #bytes = 0
  #stopping = false
  #idle: (() => void) | null = null

  constructor(limits: WorkLimits, deadlineMs: number, clock: Clock) {
    this.#clock = clock
    this.#limits = limits
    this.#deadlineMs = deadlineMs
    const { concurrentRequests, bodiesBytes } = limits
    const headers = retryAfter(1000)
    this.#full = new ApiError(
      429,
      `more than ${concurrentRequests} requests at once; try again, or raise limits.concurrentRequests`,
      { code: 'too_many_requests', headers },
    )
    this.#heavy = new ApiError(
      503,
      `requests of more than ${bodiesBytes} bytes at once; try again, or raise limits.bodiesBytes`,
      { code: 'too_many_bytes', headers },
    )
    this.#closing = new ApiError(503, 'the gateway is stopping', { code: 'shutting_down', headers })
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /** How many requests are in work, their bodies read. */
  get size(): number {
    return this.#admitted.size
  }

  /** Why a request that comes now isn't taken in; null where it is. */
  get refusal(): ApiError | null {
    if (this.#stopping) return this.#closing
    return this.#admitted.size < this.#limits.concurrentRequests ? null : this.#full
  }

  /**
   * Takes a request in, until its response is over. It needs no place before its body is there: clients that send slowly
   * would keep the others out.
   * @throws ApiError 429 when there are too many in work, 503 when the gateway stops
   */
  enter(outgoing: ServerResponse): Work {
    // Full by now: the body needn't be read.
    if (this.refusal !== null) throw this.refusal
    const work = new Work(this.#deadlineMs, this.#clock)
    this.#works.add(work)
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) work.giveUp('client-gone')
      work.end()
      this.#works.delete(work)
      this.#admitted.delete(work)
      this.#bytes -= work.bytes
      if (this.#works.size === 0) this.#idle?.()
    })
    return work
  }

  /**
   * Counts bytes of a request's body, until its response is over: it may be sent to one agent after the other.
   * @throws ApiError 503 when there are too many of all requests
   */
  hold(work: Work, bytes: number): void {
    if (!this.#works.has(work)) return
    if (this.#bytes + bytes > this.#limits.bodiesBytes) {
      this.#bytes -= work.bytes
      work.bytes = 0
      throw this.#heavy
    }
    work.bytes += bytes
    this.#bytes += bytes
  }

  /**
   * Gives a request whose body is there a place among those in work.
   * @throws ApiError 429 when there are too many
   */
  admit(work: Work): void {
    if (this.#admitted.size >= this.#limits.concurrentRequests) throw this.#full
    // One whose client has gone was let go before.
    if (this.#works.has(work)) this.#admitted.add(work)
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
