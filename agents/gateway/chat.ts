import type { AgentClient } from '../client/agent-client.js'
import type { Chooser } from '../control/chooser.js'
import { ApiError } from './api-error.js'
import { beginningOf, promptText } from './chat-request.js'
import type { Ledger } from './ledger.js'
import type { Call } from './receive-body.js'
import { type Reception, receiveChat } from './receive-chat.js'
import { type Chosen, decisionFields, type PolicyIdentity } from './record-decision.js'
import { relay } from './relay.js'
import type { Replies } from './replies.js'

/** Whoever answers chat completions: a router of texts, or a dispatcher of queues. */
export interface ChatDesk {
  /** @throws ApiError what to tell the client instead */
  answer(call: Call): Promise<Response>
}

export interface ChatParts extends Reception {
  readonly policy: PolicyIdentity
  readonly chooser: Chooser
  /** Of the chooser's draws. */
  readonly seed: number
  /** In the order of the team. */
  readonly clients: readonly AgentClient[]
  readonly ledger: Ledger
  readonly replies: Replies
}

/**
 * Answers chat completions: chooses an agent, asks it and, where it fails, the next. The decision is in the log before anybody is
 * asked, the outcome when the answer is over.
 */
export class Chat implements ChatDesk {
  readonly #parts: ChatParts

  constructor(parts: ChatParts) {
    this.#parts = parts
  }

  async answer(call: Call): Promise<Response> {
    const { team, replies, clients } = this.#parts
    const { request, asked, question } = await receiveChat(call, this.#parts)
    const requested = this.#requested(request.model)
    const prompt = promptText(request)
    // Encoding takes the event loop for as long as the text is.
    const text = beginningOf(prompt, team.limits.promptCharacters)
    const callable = clients.map(({ closedForMs }) => closedForMs === 0)
    const choice = this.#parts.chooser.choose(text, callable, requested, (agent) => clients[agent]!.closedBy)
    const { policy, seed, ledger } = this.#parts
    const chosen: Chosen = {
      id: call.id,
      waitedMs: replies.msSince(asked.began),
      key: call.key,
      model: request.model,
      text,
      characters: prompt.length,
      callable,
      seed,
      choice,
    }
    ledger.decided(decisionFields(team, policy, chosen))
    try {
      const relayed = await relay(clients, choice, question, asked.work, asked.attempts)
      return replies.respond(asked, relayed, choice.scores?.[relayed.agent])
    } catch (error) {
      throw replies.failed(asked, error)
    }
  }

  /** The number of the agent that a request names; undefined where the policy chooses. */
  #requested(model: string): number | undefined {
    const { team } = this.#parts
    if (model === team.model) return undefined
    const agent = team.agents.findIndex(({ name }) => name === model)
    if (agent >= 0) return agent
    throw noSuchModel(model)
  }
}

/** What a client is told that names a model which isn't there. */
export function noSuchModel(model: string): ApiError {
  return new ApiError(404, `there is no model ${JSON.stringify(model.slice(0, 200))}; GET /v1/models lists them`, {
    code: 'model_not_found',
    param: 'model',
  })
}
