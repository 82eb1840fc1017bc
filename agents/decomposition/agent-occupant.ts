import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import type { Agent, AgentAnswer, AgentRequest, Call } from '../contract/agent.js'
import type { Asking, Given, Occupant } from '../dispatch/occupant.js'

/** A part of a request, as an agent on a seat is asked it. */
export interface PartQuestion {
  readonly request: AgentRequest
  readonly call: Call
  /** Hears what a try that failed has cost, USD. */
  paid(costUsd: number): void
}

/** An agent of this process, on a seat. */
export class AgentOccupant implements Occupant<PartQuestion, AgentAnswer> {
  readonly name: string
  /** Nobody tells when it is up again: it is looked at each boundary. */
  readonly opensInMs = Number.POSITIVE_INFINITY
  readonly #agent: Agent
  readonly #clock: Clock

  /** @param name - in logs, that of its seat @param agent - held to its contract */
  constructor(name: string, agent: Agent, clock: Clock) {
    this.name = name
    this.#agent = agent
    this.#clock = clock
  }

  get isUp(): boolean {
    return this.#agent.isUp?.() ?? true
  }

  get mayBeAsked(): boolean {
    return this.isUp
  }

  async ask({ request, call, paid }: PartQuestion, { signal, onAttempt }: Asking): Promise<Given<AgentAnswer>> {
    const began = this.#clock.elapsedMs()
    const tried = (outcome: AgentFailure['outcome'], status: number | null, detail: string | null) =>
      onAttempt({ agent: this.name, outcome, ms: this.#clock.elapsedMs() - began, status, detail })
    try {
      const answer = await this.#agent.handle(request, { ...call, signal })
      tried('answered', null, null)
      return { answer, isWhole: true, letGo: () => {} }
    } catch (error) {
      if (error instanceof AgentFailure) {
        // Not the endpoint's own words: they may hold its key.
        tried(error.outcome, error.status, error.message)
        paid(error.costUsd)
      }
      throw error
    }
  }
}
