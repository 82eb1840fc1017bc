import type { DecisionLog } from '../log/decision-log.js'
import type { DecisionFields, FeedbackFields, OutcomeFields } from '../log/log-kinds.js'
import type { GatewayMetrics } from './gateway-metrics.js'
import { Recent } from './recent.js'

/** So many requests are known by their ids: of older ones it can't be said whether there were any. */
const knownRequests = 65_536

/** What is written of requests, and what the gateway itself remembers of it. Whoever decides and answers tells it. */
export class Ledger {
  readonly #log: DecisionLog
  readonly #metrics: GatewayMetrics
  readonly #known = new Recent<string, true>(knownRequests)
  readonly #said = new Recent<string, string>(knownRequests)

  constructor(log: DecisionLog, metrics: GatewayMetrics) {
    this.#log = log
    this.#metrics = metrics
  }

  /** Before anybody is asked. */
  decided(fields: DecisionFields): void {
    this.#log.write('decision', fields)
    this.#known.set(fields.request, true)
    this.#metrics.decided(fields)
  }

  /** Once a request, when its answer is over. */
  ended(fields: OutcomeFields): void {
    this.#log.write('outcome', fields)
    this.#metrics.ended(fields)
  }

  /** Whether a request was decided on lately, since the gateway started. */
  knows(request: string): boolean {
    return this.#known.has(request)
  }

  /**
   * What is said of an answer. The same again makes no line.
   * @returns `lost` where it couldn't be written: it should be sent again
   */
  told(fields: FeedbackFields): 'new' | 'changed' | 'repeated' | 'lost' {
    const told = this.#tell(fields)
    this.#metrics.told(told)
    return told
  }

  #tell(fields: FeedbackFields): 'new' | 'changed' | 'repeated' | 'lost' {
    const { request, source, score, label, comment } = fields
    const key = JSON.stringify([request, source])
    const said = JSON.stringify([score, label, comment])
    const before = this.#said.get(key)
    if (before === said) return 'repeated'
    if (!this.#log.write('feedback', fields)) return 'lost'
    this.#said.set(key, said)
    return before === undefined ? 'new' : 'changed'
  }
}
