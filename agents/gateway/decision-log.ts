import { DECISION_FORMAT, type DecisionRecord } from './decision-record.js'
import type { GatewayLogger } from './gateway-logger.js'

/** Where lines go. */
export interface LineSink {
  /** Appends a whole line, or throws and leaves none of it. */
  append(line: string): void
  close(): void
}

/**
 * One line a request. When a line can't be written (a full disk) requests are still answered: the failure is told once, the
 * gateway says that it isn't ready, and lost lines are counted. The first line that can be written again is preceded by one
 * that says how many are missing: `{ format, lost, from, to }`.
 */
export class DecisionLog {
  readonly #sink: LineSink
  readonly #logger: GatewayLogger
  #lost = 0
  #lostFrom = ''
  #lostTo = ''

  constructor(sink: LineSink, logger: GatewayLogger) {
    this.#sink = sink
    this.#logger = logger
  }

  /** Whether the last line could be written. */
  get ok(): boolean {
    return this.#lost === 0
  }

  append(record: DecisionRecord): void {
    try {
      if (this.#lost > 0) this.#closeGap()
      this.#sink.append(`${JSON.stringify(record)}\n`)
    } catch (error) {
      if (this.#lost === 0) {
        this.#lostFrom = record.time
        this.#logger.error({ cause: (error as Error).message }, 'decisions are not logged; requests are still answered')
      }
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

  #closeGap(): void {
    const gap = { format: DECISION_FORMAT, lost: this.#lost, from: this.#lostFrom, to: this.#lostTo }
    this.#sink.append(`${JSON.stringify(gap)}\n`)
    this.#logger.warn({ lost: this.#lost }, 'decisions are logged again')
    this.#lost = 0
  }
}
