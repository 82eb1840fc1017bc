import { type ChatDesk, noSuchModel } from '../gateway/chat.js'
import { promptText } from '../gateway/chat-request.js'
import type { Call } from '../gateway/receive-body.js'
import { type Reception, receiveChat } from '../gateway/receive-chat.js'
import type { Replies } from '../gateway/replies.js'
import type { Dispatcher } from './dispatcher.js'
import type { QueryTypes } from './query-types.js'

export interface DispatchDeskParts extends Reception {
  readonly dispatcher: Dispatcher
  readonly types: QueryTypes
  readonly replies: Replies
}

/** Answers chat completions: each is a query for the dispatcher's inbox. */
export class DispatchDesk implements ChatDesk {
  readonly #parts: DispatchDeskParts

  constructor(parts: DispatchDeskParts) {
    this.#parts = parts
  }

  async answer(call: Call): Promise<Response> {
    const { team, dispatcher, replies, types } = this.#parts
    const { request, asked, question } = await receiveChat(call, this.#parts)
    if (request.model !== team.model) throw noSuchModel(request.model)
    const type = types.typeOf(call.incoming.headers, () => promptText(request))
    try {
      const query = { ...asked, key: call.key, model: request.model, type, question }
      const answered = await dispatcher.submit(query)
      return replies.respond(asked, answered, undefined, (end) => answered.ended(end.kind === 'answered'))
    } catch (error) {
      throw replies.failed(asked, error)
    }
  }
}
