import { ApiError, retryAfter } from '../gateway/api-error.js'
import { type ChatDesk, noSuchModel } from '../gateway/chat.js'
import { promptText } from '../gateway/chat-request.js'
import type { Call } from '../gateway/receive-body.js'
import { type Reception, receiveChat } from '../gateway/receive-chat.js'
import { givenUp, ledBack, refusedBy } from '../gateway/relay.js'
import type { Replies } from '../gateway/replies.js'
import type { Work } from '../gateway/work.js'
import type { Dispatcher } from './dispatcher.js'
import type { QueryTypes } from './query-types.js'
import { UnansweredError } from './unanswered.js'

export interface DispatchDeskParts extends Reception {
  readonly dispatcher: Dispatcher
  readonly types: QueryTypes
  readonly replies: Replies
}

/** Answers chat completions: each is a query for the dispatcher's inbox. */
export class DispatchDesk implements ChatDesk {
  /** Tells the types of queries; another may take over. */
  types: QueryTypes
  readonly #parts: DispatchDeskParts

  constructor(parts: DispatchDeskParts) {
    this.#parts = parts
    this.types = parts.types
  }

  async answer(call: Call): Promise<Response> {
    const { team, dispatcher, replies } = this.#parts
    const { request, asked, question } = await receiveChat(call, this.#parts)
    if (request.model !== team.model) throw noSuchModel(request.model)
    const type = this.types.typeOf(call.incoming.headers, () => promptText(request))
    try {
      const query = { ...asked, key: call.key, model: request.model, type, question }
      const answered = await dispatcher.submit(query)
      return replies.respond(asked, answered, undefined, (end) => answered.ended(end.kind === 'answered'))
    } catch (error) {
      throw replies.failed(asked, error instanceof UnansweredError ? toldOf(error, asked.work) : error)
    }
  }
}

/** What a client is told whose query has no answer. */
function toldOf({ why }: UnansweredError, work: Work): ApiError {
  switch (why.kind) {
    case 'full':
      return new ApiError(503, 'every place of the inbox is taken; try again soon', {
        code: 'inbox_full',
        headers: retryAfter(why.retryAfterMs),
      })
    case 'expired':
      return new ApiError(503, 'no agent took the query in time; try again soon', {
        code: 'query_expired',
        headers: retryAfter(why.retryAfterMs),
      })
    case 'given-up':
      return givenUp(work)
    case 'refused':
      return why.failure.isLoop ? ledBack(why.agent) : refusedBy(why.agent, why.failure)
    case 'failed': {
      const { outcome, retryAfterMs } = why.failure
      const limited = outcome === 'rate-limited'
      return new ApiError(limited ? 429 : 503, `agent "${why.agent}" did not answer: ${outcome}`, {
        code: limited ? 'rate_limit_exceeded' : 'agent_failed',
        headers: retryAfter(retryAfterMs ?? 1000),
      })
    }
  }
}
