import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import { type ChatDesk, noSuchModel } from '../gateway/chat.js'
import { messageText } from '../gateway/chat-request.js'
import type { Call } from '../gateway/receive-body.js'
import { type Reception, receiveChat } from '../gateway/receive-chat.js'
import { givenUp } from '../gateway/relay.js'
import type { Replies } from '../gateway/replies.js'
import type { AnsweringTeam, Reply } from './answering-team.js'
import { completionResponse } from './chat-completion.js'

export interface PipelineDeskParts extends Reception {
  readonly answering: AnsweringTeam
  readonly replies: Replies
  readonly clock: Clock
}

/** How the end of a question is told in logs and metrics. */
const ends = { answer: 'answered', ask: 'asked', handOver: 'handed-over' } as const

/** Answers chat completions with a team that walks a pipeline. */
export class PipelineDesk implements ChatDesk {
  readonly #parts: PipelineDeskParts

  constructor(parts: PipelineDeskParts) {
    this.#parts = parts
  }

  async answer(call: Call): Promise<Response> {
    const { team, replies, answering, clock } = this.#parts
    const { request, asked, hops } = await receiveChat(call, this.#parts)
    if (request.model !== team.model) throw noSuchModel(request.model)
    const { id, work, began } = asked
    const header = call.incoming.headers['x-cadre-session']
    const turns = request.messages.map((message) => ({ role: message.role, text: messageText(message) }))
    const question = {
      id,
      turns,
      session: typeof header === 'string' ? header : null,
      key: call.key,
      model: request.model,
      began,
    }
    let reply: Reply
    try {
      const deadline = clock.elapsedMs() + work.remainingMs()
      reply = await answering.answer(question, { signal: work.signal, deadline, hops })
    } catch (error) {
      const isOver = error instanceof AgentFailure && work.givenUp !== null
      throw replies.failed(asked, isOver ? givenUp(work) : error)
    }
    const attempts = reply.end.calls.map(({ agent, outcome, ms, detail }) => {
      return { agent, outcome, ms, status: null, detail }
    })
    replies.said(asked, { ended: ends[reply.kind], agent: reply.author, costUsd: reply.end.costUsd, attempts })
    const head = { id, model: request.model, created: Math.floor(clock.now() / 1000) }
    return completionResponse(head, { text: reply.text, details: detailsOf(reply) }, request, headersOf(reply))
  }
}

function detailsOf({ kind, confidence, provenance, session, ticket, end }: Reply): object {
  const { kept, costUsd, waitedMs, why, memory } = end
  // Why an agent has no answer is for whoever asks; why one broke is for the log.
  const calls = end.calls.map((call) => (call.outcome === 'unfit' ? call : { ...call, detail: null }))
  const known = memory.facts
  return { kind, confidence, provenance, session, ticket, kept, calls, costUsd, waitedMs, why, known }
}

function headersOf({ kind, session, ticket, confidence, author }: Reply): Record<string, string> {
  return {
    'x-cadre-end': kind,
    'x-cadre-confidence': String(Math.round(1000 * confidence) / 1000),
    ...(author === null ? {} : { 'x-cadre-agent': author }),
    ...(session === null ? {} : { 'x-cadre-session': session }),
    ...(ticket === null ? {} : { 'x-cadre-ticket': ticket }),
  }
}
