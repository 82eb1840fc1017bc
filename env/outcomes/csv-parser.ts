const quote = 0x22
const comma = 0x2c
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** One record; the same object each time, valid until the next. */
export interface CsvRecord {
  readonly fields: string[]
  /** 1-based line on which each field starts. */
  readonly lines: number[]
  /** 1-based character of that line at which each field starts. */
  readonly columns: number[]
}

/** What a parser tells of; both throw to stop it. */
export interface CsvHandler {
  record(record: CsvRecord): void
  /** A quote where none may stand. The parser goes on as if it were part of the text. */
  problem(message: string, line: number, column: number): void
}

/** fieldStart, inside a bare field, inside quotes, and just after a quote inside quotes. */
type State = 'start' | 'bare' | 'quoted' | 'quote'

/**
 * Comma-separated values as RFC 4180 describes them, from chunks of text cut anywhere: fields in quotes may hold
 * commas, line breaks and doubled quotes. Lines end with LF, CRLF or CR; a byte order mark is skipped, and so are empty
 * lines. Keeps no more than the record being read.
 */
export class CsvParser {
  readonly #handler: CsvHandler
  readonly #record: CsvRecord = { fields: [], lines: [], columns: [] }
  #state: State = 'start'
  #text = ''
  #line = 1
  /** Characters of the current line in earlier chunks, less the place where the line starts in this one. */
  #before = 1
  #fieldLine = 1
  #fieldColumn = 1
  #afterCr = false
  #first = true

  constructor(handler: CsvHandler) {
    this.#handler = handler
  }

  /** Reads on. */
  push(chunk: string): void {
    if (chunk === '') return
    let from = 0
    if (this.#first) {
      this.#first = false
      if (chunk.charCodeAt(0) === 0xfeff) {
        from = 1
        this.#before = 0
      }
    }
    let start = from
    for (let i = from; i < chunk.length; i++) {
      const code = chunk.charCodeAt(i)
      if (this.#afterCr) {
        this.#afterCr = false
        if (code === lineFeed) {
          if (this.#state === 'start') {
            start = i + 1
            this.#before = -i
          }
          continue
        }
      }
      if (this.#state === 'quoted') {
        if (code === quote) {
          this.#text += chunk.slice(start, i)
          this.#state = 'quote'
        } else if (code === lineFeed || code === carriageReturn) {
          this.#newLine(i)
          this.#afterCr = code === carriageReturn
        }
        continue
      }
      if (this.#state === 'start') this.#openField(i)
      if (code === comma || code === lineFeed || code === carriageReturn) {
        this.#text = this.#state === 'quote' ? this.#text : this.#text + chunk.slice(start, i)
        this.#closeField(code !== comma)
        if (code !== comma) {
          this.#newLine(i)
          this.#afterCr = code === carriageReturn
        }
        start = i + 1
      } else if (code === quote) {
        start = this.#readQuote(chunk, i, start)
      } else if (this.#state === 'quote') {
        this.#problem('text after the closing quote; double the quotes inside a quoted field', i)
        this.#state = 'bare'
        start = i
      } else {
        this.#state = 'bare'
      }
    }
    if (this.#state === 'bare' || this.#state === 'quoted') this.#text += chunk.slice(start)
    this.#before += chunk.length
  }

  /** The text is over: gives the last record. */
  end(): void {
    if (this.#state === 'quoted') {
      this.#handler.problem('a quote is opened here and never closed', this.#fieldLine, this.#fieldColumn)
    }
    if (this.#state !== 'start' || this.#record.fields.length > 0) {
      if (this.#state === 'start') this.#openField(0)
      this.#closeField(true)
    }
  }

  #readQuote(chunk: string, i: number, start: number): number {
    if (this.#state === 'start') {
      this.#state = 'quoted'
      return i + 1
    }
    if (this.#state === 'quote') {
      this.#state = 'quoted'
      this.#text += '"'
      return i + 1
    }
    this.#problem('a quote inside a field without quotes; put the field in quotes and double it', i)
    this.#text += chunk.slice(start, i)
    return i
  }

  #openField(i: number): void {
    this.#fieldLine = this.#line
    this.#fieldColumn = this.#before + i
  }

  #closeField(endOfRecord: boolean): void {
    const { fields, lines, columns } = this.#record
    const empty = endOfRecord && fields.length === 0 && this.#text === '' && this.#state !== 'quote'
    fields.push(this.#text)
    lines.push(this.#fieldLine)
    columns.push(this.#fieldColumn)
    this.#text = ''
    this.#state = 'start'
    if (!endOfRecord) return
    if (!empty) this.#handler.record(this.#record)
    fields.length = 0
    lines.length = 0
    columns.length = 0
  }

  #newLine(i: number): void {
    this.#line++
    this.#before = -i
  }

  #problem(message: string, i: number): void {
    this.#handler.problem(message, this.#line, this.#before + i)
  }
}
