import type { z } from 'zod'
import { decisionOf, FIRST_FORMAT, firstDecisionSchema, firstGapSchema, gapOf, outcomeOf } from './first-format.js'
import {
  type DecisionFields,
  type FeedbackFields,
  LOG_FORMAT,
  type LogKinds,
  logSchemas,
  type OutcomeFields,
} from './log-kinds.js'

/** A line of a decision log: its kind, what it holds, when it was written, and where it stands (from 1). */
export type LogRecord = {
  [K in keyof LogKinds & string]: {
    readonly kind: K
    readonly fields: LogKinds[K]
    readonly time: string
    readonly line: number
  }
}[keyof LogKinds & string]

/** Something wrong with a line. */
export interface LogProblem {
  /** From 1. */
  readonly line: number
  readonly message: string
}

/** All that the log says of one request. */
export interface LoggedRequest {
  readonly request: string
  /** In the order in which they were taken. */
  readonly decisions: readonly DecisionFields[]
  readonly outcome: OutcomeFields | null
  /** The last of each source. */
  readonly feedback: readonly FeedbackFields[]
  /**
   * `ended` as the outcome says. `interrupted`: the gateway was killed while the request was in work (or it is in work still, where
   * the log is being written; or its outcome is among the lines of a gap). `undecided`: it was answered, and its decision is missing.
   */
  readonly fate: 'ended' | 'interrupted' | 'undecided'
}

/** What a log says. */
export interface LogReading {
  /** In the order of the log; a line of `cadre-decision/1` gives two. */
  readonly records: readonly LogRecord[]
  /** By id, in the order in which the log first tells of them. Feedback alone makes no request. */
  readonly requests: ReadonlyMap<string, LoggedRequest>
  /** Feedback on requests that this log tells nothing else of: they may stand in an older file. */
  readonly strayFeedback: readonly FeedbackFields[]
  readonly problems: readonly LogProblem[]
  /** What a crash has left of a last line; null where the log ends with a whole one. */
  readonly torn: { readonly line: number; readonly characters: number } | null
}

/** Schemas of kinds of line beside those that every gateway writes. */
export type MoreKinds = { readonly [kind: string]: z.ZodType }

/**
 * Reads a decision log: lines of `cadre-log/2` and of `cadre-decision/1`, also in one file. Pure: whoever calls it reads the file.
 * A line that is malformed is told with its number, and left out. Lines of a kind without a schema are problems, too.
 * @param text - all of it, or its parts in order (of any length: a line may lie in several)
 * @param more - schemas of further kinds, as a dispatcher's
 */
export function readLog(text: string | Iterable<string>, more: MoreKinds = {}): LogReading {
  const reader = new LogReader({ ...more, ...logSchemas })
  let rest = ''
  for (const part of typeof text === 'string' ? [text] : text) {
    const lines = (rest + part).split('\n')
    rest = lines.pop()!
    for (const line of lines) reader.take(line)
  }
  return reader.end(rest)
}

class LogReader {
  readonly #schemas: ReadonlyMap<string, z.ZodType>
  readonly #records: LogRecord[] = []
  readonly #problems: LogProblem[] = []
  #line = 0

  constructor(schemas: MoreKinds) {
    this.#schemas = new Map(Object.entries(schemas))
  }

  take(text: string): void {
    this.#line++
    // logrotate's copytruncate may leave an empty line.
    if (text.trim() === '') return
    const json = parse(text)
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      this.#problem(`expected a JSON object, got ${JSON.stringify(text.slice(0, 60))}`)
      return
    }
    const { format } = json as { format?: unknown }
    if (format === LOG_FORMAT) this.#takeLine(json as Record<string, unknown>)
    else if (format === FIRST_FORMAT) this.#takeFirst(json)
    else {
      const got = format === undefined ? 'none' : JSON.stringify(format).slice(0, 60)
      this.#problem(`expected format "${LOG_FORMAT}" or "${FIRST_FORMAT}", got ${got}; is this a decision log?`)
    }
  }

  end(rest: string): LogReading {
    const torn = rest === '' ? null : { line: this.#line + 1, characters: rest.length }
    const joined = join(this.#records)
    const problems = [...this.#problems, ...joined.problems].sort((a, b) => a.line - b.line)
    const { requests, strayFeedback } = joined
    return { records: this.#records, requests, strayFeedback, problems, torn }
  }

  #takeLine({ format: _, kind, time, ...fields }: Record<string, unknown>): void {
    const schema = typeof kind === 'string' ? this.#schemas.get(kind) : undefined
    if (schema === undefined) {
      const known = [...this.#schemas.keys()].join(', ')
      this.#problem(`expected a kind of ${known}, got ${JSON.stringify(kind) ?? 'none'}`)
      return
    }
    if (typeof time !== 'string' || !isTime(time)) {
      this.#problem(`time: expected a date and time as 2026-01-31T12:00:00.000Z, got ${JSON.stringify(time) ?? 'none'}`)
      return
    }
    const value = this.#checked(schema, fields)
    if (value !== undefined) this.#records.push({ kind, fields: value, time, line: this.#line } as LogRecord)
  }

  #takeFirst(json: object): void {
    const line = this.#line
    if ('lost' in json) {
      const gap = this.#checked(firstGapSchema, json)
      if (gap !== undefined) this.#records.push({ kind: 'gap', fields: gapOf(gap), time: gap.to, line })
      return
    }
    const first = this.#checked(firstDecisionSchema, json)
    if (first === undefined) return
    const { time } = first
    const ended = new Date(Date.parse(time) + first.outcome.ms).toISOString()
    this.#records.push({ kind: 'decision', fields: decisionOf(first), time, line })
    this.#records.push({ kind: 'outcome', fields: outcomeOf(first), time: ended, line })
  }

  #checked<T>(schema: z.ZodType<T>, value: object): T | undefined {
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    const { path, message } = parsed.error.issues[0]!
    this.#problem(`${path.length === 0 ? '' : `${path.join('.')}: `}${message}`)
    return undefined
  }

  #problem(message: string): void {
    this.#problems.push({ line: this.#line, message })
  }
}

interface Joined extends Pick<LogReading, 'requests' | 'strayFeedback' | 'problems'> {}

/** What is said of each request, together. */
function join(records: readonly LogRecord[]): Joined {
  interface Entry {
    readonly decisions: DecisionFields[]
    outcome: { readonly fields: OutcomeFields; readonly line: number } | null
    readonly feedback: Map<string, FeedbackFields>
  }
  const entries = new Map<string, Entry>()
  const said = new Map<string, Map<string, FeedbackFields>>()
  const problems: LogProblem[] = []
  const entryOf = (request: string): Entry => {
    const known = entries.get(request)
    if (known !== undefined) return known
    const made: Entry = { decisions: [], outcome: null, feedback: feedbackOf(request) }
    entries.set(request, made)
    return made
  }
  const feedbackOf = (request: string) => {
    const known = said.get(request) ?? new Map<string, FeedbackFields>()
    said.set(request, known)
    return known
  }
  for (const record of records) {
    if (record.kind === 'decision') entryOf(record.fields.request).decisions.push(record.fields)
    else if (record.kind === 'feedback') feedbackOf(record.fields.request).set(record.fields.source, record.fields)
    else if (record.kind === 'outcome') {
      const { fields, line } = record
      const entry = entryOf(fields.request)
      if (entry.outcome === null) entry.outcome = { fields, line }
      else {
        const message = `request ${fields.request} has ended before, in line ${entry.outcome.line}`
        problems.push({ line, message })
      }
    }
  }
  const requests = new Map<string, LoggedRequest>()
  for (const [request, { decisions, outcome, feedback }] of entries) {
    const fate = outcome === null ? 'interrupted' : decisions.length === 0 ? 'undecided' : 'ended'
    requests.set(request, {
      ...{ request, decisions, fate },
      outcome: outcome?.fields ?? null,
      feedback: [...feedback.values()],
    })
  }
  const stray = [...said].flatMap(([request, by]) => (entries.has(request) ? [] : [...by.values()]))
  return { requests, strayFeedback: stray, problems }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text))
}
