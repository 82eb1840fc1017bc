import type { Clock } from '../client/clock.js'
import type { GatewayLogger } from '../gateway/gateway-logger.js'
import { type GapFields, LOG_FORMAT, type LogKinds } from './log-kinds.js'

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

/** Where whoever decides writes what it does. */
export interface LogWriter {
  /** @returns whether the line is written */
  write<K extends keyof LogKinds & string>(kind: K, fields: LogKinds[K]): boolean
}

/**
 * Writes the decision log. When a line can't be written (a full disk, a deleted file) requests are still answered: the failure is
 * told once, the gateway says that it isn't ready, and lost lines are counted. The first line that can be written again is preceded
 * by one that says what is missing: kind `gap`. That decisions are logged again is told, and true for readiness, once none was lost
 * for five seconds.
 */
export class DecisionLog implements LogWriter {
  readonly #sink: LineSink
  readonly #logger: GatewayLogger
  readonly #clock: Clock
  /** Not yet said in the log: how many lines of each kind. */
  #missing: { readonly kinds: Record<string, number>; readonly from: string; to: string } | null = null
  /** What goes wrong, since the first failure until all has gone well for long enough. */
  #trouble: { lost: number; lastMs: number } | null = null
  #lost = 0

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

  /** Lines that could not be written, in all. */
  get lost(): number {
    return this.#lost
  }

  /**
   * Writes a line, with the time that it is.
   * @returns whether it is written; what isn't is counted in the next `gap`
   */
  write<K extends keyof LogKinds & string>(kind: K, fields: LogKinds[K]): boolean {
    const time = this.#time()
    try {
      this.#closeGap(time)
      this.#append(kind, time, fields)
      this.#calm()
      return true
    } catch (error) {
      this.#fail(error as Error).lost++
      this.#lost++
      this.#missing ??= { kinds: {}, from: time, to: time }
      this.#missing.kinds[kind] = (this.#missing.kinds[kind] ?? 0) + 1
      this.#missing.to = time
      return false
    }
  }

  close(): void {
    try {
      this.#closeGap(this.#time())
    } catch {
      this.#logger.error({ lost: this.#missing?.kinds }, 'decisions were not logged')
    }
    this.#sink.close()
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString()
  }

  #append(kind: string, time: string, fields: object): void {
    this.#sink.append(`${JSON.stringify({ format: LOG_FORMAT, kind, time, ...fields })}\n`)
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
      this.#closeGap(this.#time())
    } catch (error) {
      this.#fail(error as Error)
      return
    }
    this.#logger.warn({ lost: this.#trouble.lost }, 'decisions are logged again')
    this.#trouble = null
  }

  #closeGap(time: string): void {
    if (this.#missing === null) return
    const { kinds, from, to } = this.#missing
    const lines = Object.values(kinds).reduce((sum, lost) => sum + lost, 0)
    const gap: GapFields = { what: 'unwritten', count: lines, from, to, kinds }
    this.#append('gap', time, gap)
    this.#missing = null
  }
}
