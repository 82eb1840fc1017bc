import type { AgentClient } from '../client/agent-client.js'
import type { Answer } from '../client/answer.js'
import type { RelayedQuestion } from '../gateway/relay.js'
import type { Asking, Given, Occupant } from './occupant.js'

/** An agent behind an endpoint, on a seat. */
export class EndpointOccupant implements Occupant<RelayedQuestion, Answer> {
  readonly #client: AgentClient

  constructor(client: AgentClient) {
    this.#client = client
  }

  get name(): string {
    return this.#client.name
  }

  get isUp(): boolean {
    const { closedBy, breaker } = this.#client
    return closedBy === null || (closedBy === 'breaker-open' && breaker === 'half-open')
  }

  get mayBeAsked(): boolean {
    return this.#client.closedForMs === 0
  }

  get opensInMs(): number {
    const { down, breaker, closedForMs } = this.#client
    // Probes tell themselves, and so does the query that tests an agent.
    return down !== null || breaker === 'half-open' || closedForMs === 0 ? Number.POSITIVE_INFINITY : closedForMs
  }

  async ask({ body, headers, stream }: RelayedQuestion, asking: Asking): Promise<Given<Answer>> {
    const client = this.#client
    const answer = await client.ask({
      body: (askUsage) => body.text(client.model, askUsage),
      canAskUsage: body.canAskUsage,
      ...{ headers, stream, ...asking },
      othersWait: () => true,
    })
    return {
      answer,
      isWhole: answer.kind === 'whole',
      letGo: () => {
        if (answer.kind === 'stream') answer.stream.close(true)
      },
    }
  }
}
