import type { Clock } from '../client/clock.js'
import type { DecisionLog } from '../log/decision-log.js'
import type { DecisionFields, FeedbackFields, OutcomeFields } from '../log/log-kinds.js'
import { isFault } from './attempt-fault.js'
import type { GatewayMetrics } from './gateway-metrics.js'
import { Recent } from './recent.js'
import type { AgentStatus, RecentDecision } from './team-status.js'

/** So many requests are known by their ids: of older ones it can't be said whether there were any. */
export const knownRequests = 65_536
/** So many decisions are shown. */
const shownDecisions = 50

/** What became of an agent's requests since the start. */
type Tally = Pick<AgentStatus, 'answered' | 'failed' | 'lastFault'>
const noTally: Tally = { answered: 0, failed: 0, lastFault: null }

/** What is written of requests, and what the gateway itself remembers of it. Whoever decides and answers tells it. */
export class Ledger {
  readonly #log: DecisionLog
  readonly #metrics: GatewayMetrics
  readonly #clock: Clock
  readonly #shown = new Recent<string, RecentDecision>(shownDecisions)
  readonly #tallies = new Map<string, Tally>()
  readonly #known = new Recent<string, true>(knownRequests)
  readonly #said = new Recent<string, string>(knownRequests)

  constructor(log: DecisionLog, metrics: GatewayMetrics, clock: Clock) {
    this.#log = log
    this.#metrics = metrics
    this.#clock = clock
  }

  /** Before anybody is asked. */
  decided(fields: DecisionFields): void {
    this.#log.write('decision', fields)
    this.noted(fields)
  }

  /** A decision that whoever took it has written. */
  noted(fields: DecisionFields): void {
    this.#known.set(fields.request, true)
    this.#metrics.decided(fields)
    const { request, step, type = null, choice, by, reason, actions, scores } = fields
    const time = this.#time()
    this.#shown.set(`${step} ${request}`, { time, request, type, choice, by, reason, actions, scores })
  }

  /** Once a request, when its answer is over. */
  ended(fields: OutcomeFields): void {
    this.#log.write('outcome', fields)
    this.#metrics.ended(fields)
    const { ended, agent, attempts, code } = fields
    for (const attempt of attempts) {
      if (isFault(attempt)) this.#blame(attempt.agent, attempt.outcome, attempt.detail)
    }
    if (agent === null) return
    if (ended === 'answered') {
      const tally = this.tallyOf(agent)
      this.#tallies.set(agent, { ...tally, answered: tally.answered + 1 })
    } else if (code === 'stream_interrupted') this.#blame(agent, ended, null)
  }

  /** The last decisions, newest first. */
  get recent(): RecentDecision[] {
    return this.#shown.values()
  }

  tallyOf(agent: string): Tally {
    return this.#tallies.get(agent) ?? noTally
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

  #blame(agent: string, outcome: string, detail: string | null): void {
    const tally = this.tallyOf(agent)
    const lastFault = { time: this.#time(), outcome, detail }
    this.#tallies.set(agent, { ...tally, failed: tally.failed + 1, lastFault })
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString()
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
