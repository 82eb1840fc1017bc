/** A server-sent event as it came, and its data. */
export interface ServerEvent {
  /** The event's lines, without the blank line that ends it. */
  readonly text: string
  /** Its `data` lines joined; null for comments and events without data. */
  readonly data: string | null
}

/** Cuts a stream of bytes into server-sent events (WHATWG HTML, section 9.2). */
export class EventParser {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  readonly #maxChars: number
  #rest = ''

  /** @param maxChars - longest event */
  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  /**
   * The events that are whole now.
   * @throws TypeError where the bytes aren't UTF-8
   * @throws RangeError where an event is too long
   */
  push(bytes: Uint8Array): ServerEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true })
    const events: ServerEvent[] = []
    for (let end = blankLine.exec(this.#rest); end !== null; end = blankLine.exec(this.#rest)) {
      const text = this.#rest.slice(0, end.index)
      this.#rest = this.#rest.slice(end.index + end[0].length)
      if (text !== '') events.push({ text, data: dataOf(text) })
    }
    if (this.#rest.length > this.#maxChars) throw new RangeError(`an event of more than ${this.#maxChars} characters`)
    return events
  }

  /** Whether a part of an event has come that didn't end. */
  get torn(): boolean {
    return this.#rest.trim() !== ''
  }
}

const blankLine = /\r\n\r\n|\n\n|\r\r/

function dataOf(text: string): string | null {
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line === 'data' || line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).replace(/^ /, ''))
  return lines.length === 0 ? null : lines.join('\n')
}
