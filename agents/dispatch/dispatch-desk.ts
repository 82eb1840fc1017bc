import type { Attempt } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import { type ChatDesk, noSuchModel } from '../gateway/chat.js'
import { parseChatRequest, promptText } from '../gateway/chat-request.js'
import { forwardedBody } from '../gateway/forwarded-body.js'
import { forwardedHeaders } from '../gateway/forwarded-headers.js'
import { type Call, receiveBody } from '../gateway/receive-body.js'
import type { Replies } from '../gateway/replies.js'
import type { WorkList } from '../gateway/work.js'
import type { Team } from '../team/team-schema.js'
import type { Dispatcher } from './dispatcher.js'
import type { QueryTypes } from './query-types.js'

export interface DispatchDeskParts {
  readonly team: Team
  readonly dispatcher: Dispatcher
  readonly types: QueryTypes
  readonly replies: Replies
  readonly works: WorkList
  readonly clock: Clock
}

/** Answers chat completions: each is a query for the dispatcher's inbox. */
export class DispatchDesk implements ChatDesk {
  readonly #parts: DispatchDeskParts

  constructor(parts: DispatchDeskParts) {
    this.#parts = parts
  }

  async answer(call: Call): Promise<Response> {
    const { team, dispatcher, replies, works, clock, types } = this.#parts
    const began = clock.elapsedMs()
    const { work, body } = await receiveBody(call, works, team.limits.bodyBytes)
    const request = parseChatRequest(body)
    if (request.model !== team.model) throw noSuchModel(request.model)
    const type = types.typeOf(call.incoming.headers, () => promptText(request))
    const question = {
      stream: request.stream === true,
      body: forwardedBody(body, request),
      headers: forwardedHeaders(call.incoming.headersDistinct, team.forwardHeaders),
    }
    const attempts: Attempt[] = []
    const asked = { id: call.id, work, attempts, began }
    try {
      const query = { ...asked, key: call.key, model: request.model, type, question }
      const answered = await dispatcher.submit(query)
      return replies.respond(asked, answered, undefined, (end) => answered.ended(end.kind === 'answered'))
    } catch (error) {
      throw replies.failed(asked, error)
    }
  }
}
