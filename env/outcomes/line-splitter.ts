/** Cuts chunks of text into lines (LF or CRLF); a byte order mark is skipped. */
export class LineSplitter {
  readonly #line: (text: string, number: number) => void
  #rest = ''
  #number = 0

  /** @param line - called with each line, without its end, and its 1-based number */
  constructor(line: (text: string, number: number) => void) {
    this.#line = line
  }

  push(chunk: string): void {
    let start = 0
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      this.#give(this.#rest + chunk.slice(start, end))
      this.#rest = ''
      start = end + 1
    }
    this.#rest += chunk.slice(start)
  }

  /** The text is over: gives the last line, if it has no end. */
  end(): void {
    if (this.#rest !== '') this.#give(this.#rest)
    this.#rest = ''
  }

  #give(text: string): void {
    this.#number++
    const from = this.#number === 1 && text.charCodeAt(0) === 0xfeff ? 1 : 0
    this.#line(text.slice(from, text.endsWith('\r') ? -1 : undefined), this.#number)
  }
}
