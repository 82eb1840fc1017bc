/** A server-sent event as it came, and its data. */
export interface ServerEvent {
  /** The event's lines, without the blank line that ends it. */
  readonly text: string
  /** Its `data` lines joined; null for comments and events without data. */
  readonly data: string | null
  /** Its kind; `message` where it names none. */
  readonly type: string
}

/** Cuts a stream of bytes into server-sent events (WHATWG HTML, section 9.2). */
export class EventParser {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  readonly #maxChars: number
  #rest = ''
  #endedInReturn = false

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
    let came = this.#decoder.decode(bytes, { stream: true })
    // The second half of a line end whose first half ended an event.
    if (this.#endedInReturn && came.startsWith('\n')) came = came.slice(1)
    if (came !== '') this.#endedInReturn = false
    this.#rest += came
    const events: ServerEvent[] = []
    for (let end = blankLine.exec(this.#rest); end !== null; end = blankLine.exec(this.#rest)) {
      const text = this.#rest.slice(0, end.index)
      this.#rest = this.#rest.slice(end.index + end[0].length)
      if (this.#rest === '') this.#endedInReturn = end[0].endsWith('\r')
      if (text !== '') events.push({ text, data: fieldOf(text, 'data'), type: fieldOf(text, 'event') ?? 'message' })
    }
    if (this.#rest.length > this.#maxChars) throw new RangeError(`an event of more than ${this.#maxChars} characters`)
    return events
  }

  /** Whether a part of an event has come that didn't end. */
  get torn(): boolean {
    return this.#rest.trim() !== ''
  }
}

/** Two line ends of any kind; a return before a newline is the half of one. */
const blankLine = /(\r\n|\n|\r(?!\n)){2}/

/** The lines of a field joined; null where there is none. */
function fieldOf(text: string, name: string): string | null {
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line === name || line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
  return lines.length === 0 ? null : lines.join('\n')
}
