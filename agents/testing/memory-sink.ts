import type { LineSink } from '../log/decision-log.js'
import type { DecisionFields, OutcomeFields } from '../log/log-kinds.js'
import { type LogReading, readLog } from '../log/read-log.js'

/** One decision and what became of it. */
export interface Decided extends DecisionFields {
  readonly attempts: OutcomeFields['attempts']
  readonly outcome: OutcomeFields
}

/** The requests of a log that have ended, in the order of their ends. @throws Error where a line is malformed */
export function decidedIn({ records, requests, problems }: LogReading): Decided[] {
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return records.flatMap((record) => {
    if (record.kind !== 'outcome') return []
    const { fields: outcome } = record
    return { ...requests.get(outcome.request)!.decisions[0]!, outcome, attempts: outcome.attempts }
  })
}

/** A decision log in memory. */
export class MemorySink implements LineSink {
  readonly lines: string[] = []
  closed = false
  /** While set, nothing can be written. */
  full = false

  /** While set, it is known that nothing can be written. */
  gone = false

  check(): void {
    if (this.gone) throw new Error('the decision log was deleted')
  }

  append(line: string): void {
    this.check()
    if (this.full) throw new Error('ENOSPC: no space left on device')
    this.lines.push(line)
  }

  close(): void {
    this.closed = true
  }

  get reading(): LogReading {
    return readLog(this.lines)
  }

  /** The requests that have ended so far, each held to its schemas. */
  get decided(): Decided[] {
    return decidedIn(this.reading)
  }

  /** The last of them, once there are `count`: an outcome is written when its answer is over. */
  async last(count: number): Promise<Decided> {
    const until = performance.now() + 5000
    while (this.decided.length < count && performance.now() < until) await new Promise((done) => setTimeout(done, 5))
    const { decided } = this
    if (decided.length !== count) throw new Error(`expected ${count} requests that ended, got ${decided.length}`)
    return decided.at(-1)!
  }
}
