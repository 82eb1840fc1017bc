import type { LineSink } from '../gateway/decision-log.js'
import { type DecisionRecord, decisionSchema } from '../gateway/decision-record.js'

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

  /** The records so far, each held to its schema. */
  get records(): DecisionRecord[] {
    return this.lines.map((line) => decisionSchema.parse(JSON.parse(line)))
  }

  /** The last record, once there are `count`: a line is written when its answer is over. */
  async last(count: number): Promise<DecisionRecord> {
    const until = performance.now() + 5000
    while (this.lines.length < count && performance.now() < until) await new Promise((done) => setTimeout(done, 5))
    if (this.lines.length !== count) throw new Error(`expected ${count} lines, got ${this.lines.length}`)
    return this.records.at(-1)!
  }
}
