import type { Clock } from '../client/clock.js'
import { DECISION_FORMAT, type DecisionRecord } from './decision-record.js'
import type { GatewayLogger } from './gateway-logger.js'

/** Where lines go. */
export interface LineSink {
  /** Appends a whole line, or throws and leaves none of it. */
  append(line: string): void
  /** Throws where it is known that nothing can be appended now. */
  check?(): void
  close(): void
}

/** How long all must go well before it counts as well: a disk that is nearly full takes one line and not the next. */
const calmMs = 5000

/**
 * One line a request. When a line can't be written (a full disk, a deleted file) requests are still answered: the failure is told
 * once, the gateway says that it isn't ready, and lost lines are counted. The first line that can be written again is preceded by
 * one that says how many are missing: `{ format, lost, from, to }`. That decisions are logged again is told, and true for
 * readiness, once none was lost for five seconds.
 */
export class DecisionLog {
  readonly #sink: LineSink
  readonly #logger: GatewayLogger
  readonly #clock: Clock
  /** Not yet said in the log. */
  #lost = 0
  #lostFrom = ''
  #lostTo = ''
  /** What goes wrong, since the first failure until all has gone well for long enough. */
  #trouble: { lost: number; lastMs: number } | null = null

  constructor(sink: LineSink, logger: GatewayLogger, clock: Clock) {
    this.#sink = sink
    this.#logger = logger
    this.#clock = clock
  }

  /** Whether decisions are logged, and have been for a while. */
  get ok(): boolean {
    try {
      this.#sink.check?.()
    } catch (error) {
      this.#fail(error as Error)
    }
    this.#calm()
    return this.#trouble === null
  }

  append(record: DecisionRecord): void {
    try {
      if (this.#lost > 0) this.#closeGap()
      this.#sink.append(`${JSON.stringify(record)}\n`)
      this.#calm()
    } catch (error) {
      this.#fail(error as Error).lost++
      if (this.#lost === 0) this.#lostFrom = record.time
      this.#lost++
      this.#lostTo = record.time
    }
  }

  close(): void {
    try {
      if (this.#lost > 0) this.#closeGap()
    } catch {
      this.#logger.error({ lost: this.#lost }, 'decisions were not logged')
    }
    this.#sink.close()
  }

  #fail({ message }: Error): { lost: number; lastMs: number } {
    if (this.#trouble === null) {
      this.#trouble = { lost: 0, lastMs: 0 }
      this.#logger.error({ cause: message }, 'decisions are not logged; requests are still answered')
    }
    this.#trouble.lastMs = this.#clock.elapsedMs()
    return this.#trouble
  }

  /** The trouble is over when it has not shown for long enough, and the log says what is missing. */
  #calm(): void {
    if (this.#trouble === null || this.#clock.elapsedMs() - this.#trouble.lastMs < calmMs) return
    try {
      if (this.#lost > 0) this.#closeGap()
    } catch (error) {
      this.#fail(error as Error)
      return
    }
    this.#logger.warn({ lost: this.#trouble.lost }, 'decisions are logged again')
    this.#trouble = null
  }

  #closeGap(): void {
    const gap = { format: DECISION_FORMAT, lost: this.#lost, from: this.#lostFrom, to: this.#lostTo }
    this.#sink.append(`${JSON.stringify(gap)}\n`)
    this.#lost = 0
  }
}
