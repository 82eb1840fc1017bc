import type { Clock } from '../client/clock.js'
import type { LogWriter } from '../log/decision-log.js'

/** Ticks that come late within so long are told in one line. */
const togetherMs = 1000

/** Counts boundaries that come late, and tells the log of them: a line a second at most. */
export class LateTicks {
  readonly #log: LogWriter
  readonly #clock: Clock
  #count = 0
  #untold: { count: number; readonly fromMs: number; readonly heardAt: number; toMs: number; mostMs: number } | null =
    null

  constructor(log: LogWriter, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** Since the start. */
  get count(): number {
    return this.#count
  }

  /** A boundary comes so late. */
  late(ms: number): void {
    const now = this.#clock.now()
    this.#count++
    this.#untold ??= { count: 0, fromMs: now - ms, heardAt: this.#clock.elapsedMs(), toMs: now, mostMs: 0 }
    this.#untold.count++
    this.#untold.toMs = now
    this.#untold.mostMs = Math.max(this.#untold.mostMs, ms)
  }

  /** Writes the line that is due. @param always - also where it isn't yet */
  tell(always = false): void {
    if (this.#untold === null) return
    const { count, fromMs, heardAt, toMs, mostMs } = this.#untold
    if (!always && this.#clock.elapsedMs() - heardAt < togetherMs) return
    this.#untold = null
    const at = (time: number) => new Date(time).toISOString()
    const ms = Math.round(10 * mostMs) / 10
    this.#log.write('gap', { what: 'late', count, from: at(fromMs), to: at(toMs), ms })
  }
}
