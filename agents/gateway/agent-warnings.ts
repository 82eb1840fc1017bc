import type { Attempt } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import { isFault } from './attempt-fault.js'
import type { GatewayLogger } from './gateway-logger.js'

/** How often one kind of failure of one agent is told. */
const everyMs = 60_000

/** Warns whoever runs the gateway of agents that fail: once an agent and kind of failure, and again after a minute, with how many there were. */
export class AgentWarnings {
  readonly #logger: GatewayLogger
  readonly #clock: Clock
  readonly #told = new Map<string, { at: number; untold: number }>()

  constructor(logger: GatewayLogger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  /** @param attempt - without keys in its detail */
  hear(attempt: Attempt): void {
    const { agent, outcome, status, detail } = attempt
    if (outcome === 'answered') {
      this.#hearAmiss(agent, detail)
      return
    }
    if (!isFault(attempt)) return
    const kind = JSON.stringify([agent, outcome, status])
    const known = this.#told.get(kind)
    const now = this.#clock.elapsedMs()
    if (known !== undefined && now - known.at < everyMs) {
      known.untold++
      return
    }
    this.#told.set(kind, { at: now, untold: 0 })
    const more = known === undefined || known.untold === 0 ? {} : { since: known.untold }
    this.#logger.warn({ agent, outcome, status, ...more }, `agent "${agent}" failed: ${detail ?? outcome}`)
  }

  /** What is amiss with an agent that answers stays so: once is enough. */
  #hearAmiss(agent: string, detail: string | null): void {
    const kind = JSON.stringify([agent, 'answered', detail])
    if (detail === null || this.#told.has(kind)) return
    this.#told.set(kind, { at: 0, untold: 0 })
    this.#logger.warn({ agent }, `agent "${agent}" answers, but ${detail}`)
  }
}
