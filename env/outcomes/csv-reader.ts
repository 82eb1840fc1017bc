import { type CsvError, Parser } from 'csv-parse'

/** Where a field or character stands, both from 1. */
export interface CsvPlace {
  readonly line: number
  /** Characters of that line. */
  readonly column: number
}

/** One record, and where its fields start. */
export interface CsvRecord {
  readonly fields: readonly string[]
  /** Line on which the record starts. */
  readonly line: number
  /** Where a field starts; worked out when asked for. */
  placeOf(field: number): CsvPlace
}

/** What a parser tells of; both may throw to stop it. */
export interface CsvHandler {
  record(record: CsvRecord): void
  /** A quote where none may stand. Where fields begin after it is anybody's guess: nothing more is read. */
  problem(message: string, place: CsvPlace): void
}

const messages: { readonly [code: string]: string } = {
  INVALID_OPENING_QUOTE: 'a quote inside a field without quotes; put the field in quotes and double it',
  CSV_INVALID_CLOSING_QUOTE: 'text after the closing quote; double the quotes inside a quoted field',
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened here and never closed',
}

/**
 * Comma-separated values as RFC 4180 describes them, from chunks of text cut anywhere: fields in quotes may hold commas, line
 * breaks and doubled quotes. Where the first line holds no comma but semicolons or tabs, as spreadsheets write, those separate. Lines end with LF, CRLF or CR; a byte order mark is skipped, and so are empty lines. Keeps no
 * more than the record being read. Parsed by csv-parse; here its calls are made one after the other, and places are told
 * in lines and characters.
 */
export class CsvReader {
  readonly #handler: CsvHandler
  /** Made once the first line tells what separates the fields. */
  #parser: Parser | undefined
  #separator = ','
  /** What came before that. */
  #head = ''
  /** Line breaks before the record that is being read. */
  #lines = 0
  /** Half a character that a chunk ended with. */
  #half = ''
  #stopped = false
  /** What a handler threw, which the parser hands back as its own. */
  #thrown: unknown

  constructor(handler: CsvHandler) {
    this.#handler = handler
  }

  /** What separates the fields: a comma, a semicolon or a tab. */
  get separator(): string {
    return this.#separator
  }

  /** Reads on. */
  push(chunk: string): void {
    if (this.#parser !== undefined) {
      this.#parse(this.#parser, chunk)
      return
    }
    this.#head += chunk
    if (/[^\r\n\ufeff][\r\n]/.test(this.#head)) this.#begin()
  }

  /** The text is over: gives the last record. */
  end(): void {
    const parser = this.#parser ?? this.#begin()
    if (!this.#stopped) parser._flush((error) => this.#check(error))
  }

  #begin(): Parser {
    this.#separator = separatorOf(this.#head)
    const parser = new Parser({
      bom: true,
      raw: true,
      delimiter: this.#separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (given) => {
        // With `raw` a record comes with its text, which the types don't say.
        const { record, raw } = given as unknown as { readonly record: string[]; readonly raw: string }
        return this.#take(record, raw)
      },
    })
    this.#parser = parser
    const head = this.#head
    this.#head = ''
    this.#parse(parser, head)
    return parser
  }

  #parse(parser: Parser, chunk: string): void {
    const text = this.#half + chunk
    const cut = /[\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length
    this.#half = text.slice(cut)
    // The transform step itself: it takes the chunk at once, where `write` would tell of errors later.
    if (!this.#stopped) parser._transform(Buffer.from(text.slice(0, cut)), 'utf8', (error) => this.#check(error))
  }

  #take(fields: readonly string[], raw: string): null {
    const before = this.#lines
    this.#lines += breaksOf(raw)
    const place = (field: number) => placeAt(raw, fieldStart(raw, field, this.#separator), before)
    try {
      this.#handler.record({ fields, line: place(0).line, placeOf: place })
    } catch (error) {
      this.#thrown = error
      throw error
    }
    return null
  }

  #check(error: Error | null | undefined): void {
    if (error === null || error === undefined) return
    this.#stopped = true
    if (error === this.#thrown) throw error
    const { code, raw, index } = error as CsvError & { readonly raw: string; readonly index: number }
    const message = messages[code]
    if (message === undefined) throw error
    const at = {
      INVALID_OPENING_QUOTE: raw.length - 1,
      CSV_INVALID_CLOSING_QUOTE: raw.length,
      CSV_QUOTE_NOT_CLOSED: fieldStart(raw, index, this.#separator),
    }[code as string]!
    this.#handler.problem(message, placeAt(raw, at, this.#lines))
  }
}

/** Of the first line that isn't empty. A line in which commas stand outside of quotes is separated by them. */
function separatorOf(text: string): string {
  const line = /[^\r\n\ufeff][^\r\n]*/.exec(text)?.[0] ?? ''
  const bare = line.replace(/"[^"]*"/g, '')
  if (bare.includes(',')) return ','
  const count = (separator: string) => bare.split(separator).length - 1
  if (count(';') === 0 && count('\t') === 0) return ','
  return count(';') >= count('\t') ? ';' : '\t'
}

/** Where a field of a record starts in its text, empty lines before it included. */
function fieldStart(raw: string, field: number, separator: string): number {
  const next = new RegExp(`(?:"[^"]*(?:""[^"]*)*"|[^${separator}]*)${separator}`, 'y')
  next.lastIndex = /^[\r\n]*/.exec(raw)![0].length
  for (let k = 0; k < field && next.lastIndex < raw.length; k++) next.exec(raw)
  return next.lastIndex
}

function placeAt(raw: string, index: number, linesBefore: number): CsvPlace {
  const before = raw.slice(0, index)
  const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1
  return { line: linesBefore + breaksOf(before) + 1, column: index - lineStart + 1 }
}

function breaksOf(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0
}
