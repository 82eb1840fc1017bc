import type { LogWriter } from './decision-log.js'

/** A log for those who are made before their team has one: what is written until then is lost. */
export class LaterLog implements LogWriter {
  #log: LogWriter | null = null

  /** From now on lines go there. */
  goTo(log: LogWriter): void {
    this.#log = log
  }

  readonly write: LogWriter['write'] = (kind, fields) => this.#log?.write(kind, fields) ?? false
}
