import type { Agent, AgentAnswer, AgentRequest, Call } from '#agents/contract/agent.js'

/**
 * A program that charges for its answers, and keeps them: the same question on the same passages and drafts has the same answer, so it is
 * worked out once.
 */
export class RememberedAgent implements Agent {
  readonly card
  readonly #agent: Agent
  readonly #price: number
  readonly #answers = new Map<string, AgentAnswer>()

  /** @param price - what an answer costs, reward units */
  constructor(agent: Agent, price: number) {
    this.#agent = agent
    this.#price = price
    this.card = agent.card
  }

  async handle(request: AgentRequest, call: Call): Promise<AgentAnswer> {
    const { passages = [], drafts = [] } = request.found
    const key = JSON.stringify([
      request.question,
      passages.map(({ source }) => [source.document, source.from]),
      drafts.map(({ agent, text }) => [agent, text]),
    ])
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    const answer = { ...(await this.#agent.handle(request, call)), costUsd: this.#price }
    this.#answers.set(key, answer)
    return answer
  }
}
