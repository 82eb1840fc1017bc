import type { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import { hopsHeader } from '../client/hops.js'
import type { AgentAnswer, AgentRequest } from '../contract/agent.js'
import type { CheckedAgent } from '../contract/checked-agent.js'
import { ApiError } from '../gateway/api-error.js'
import { type ChatDesk, noSuchModel } from '../gateway/chat.js'
import { messageText, parseBody } from '../gateway/chat-request.js'
import type { GatewayLogger } from '../gateway/gateway-logger.js'
import { type Call, receiveBody } from '../gateway/receive-body.js'
import { type Reception, receiveChat } from '../gateway/receive-chat.js'
import { givenUp } from '../gateway/relay.js'
import type { Asked, Replies } from '../gateway/replies.js'
import { throughHops } from '../gateway/through-hops.js'
import { completionResponse } from '../pipeline/chat-completion.js'
import {
  handleRequestSchema,
  isFault,
  longestTraceText,
  mostTraceEvents,
  type TraceEvent,
  toldFailure,
} from './native-api.js'

export interface AgentDeskParts extends Reception {
  readonly agent: CheckedAgent
  readonly replies: Replies
  readonly clock: Clock
  readonly logger: GatewayLogger
}

/** Has one agent answer: chat completions, and the questions of a team by the native API. */
export class AgentDesk implements ChatDesk {
  readonly #parts: AgentDeskParts

  constructor(parts: AgentDeskParts) {
    this.#parts = parts
  }

  /** `POST /v1/chat/completions` @throws ApiError what to tell the client instead */
  async answer(call: Call): Promise<Response> {
    const { team, clock } = this.#parts
    const { request, asked, hops } = await receiveChat(call, this.#parts)
    if (request.model !== team.model) throw noSuchModel(request.model)
    const said = request.messages.flatMap((message) => {
      const { role } = message
      return role === 'user' || role === 'assistant' ? [{ role, text: messageText(message) } as const] : []
    })
    const last = said.findLastIndex(({ role }) => role === 'user')
    if (last < 0 || said[last]!.text === '') {
      throw new ApiError(400, 'messages: expected words of the user', { code: 'invalid_request', param: 'messages' })
    }
    const question = { id: call.id, question: said[last]!.text, history: said.slice(0, last), found: {} }
    const { answer } = await this.#ask(asked, question, hops, asked.work.remainingMs())
    const { found, confidence, costUsd, provenance } = answer
    // Who writes nothing shows what it has found.
    const text = found.drafts?.[0]?.text ?? JSON.stringify(found)
    const head = { id: call.id, model: request.model, created: Math.floor(clock.now() / 1000) }
    const headers = { 'x-cadre-confidence': String(Math.round(1000 * confidence) / 1000), 'x-cadre-agent': team.model }
    return completionResponse(head, { text, details: { found, confidence, costUsd, provenance } }, request, headers)
  }

  /** `POST /v1/agent/handle` @throws ApiError what to tell the client instead */
  async handle(call: Call): Promise<Response> {
    const { works, team, self, clock } = this.#parts
    const began = clock.elapsedMs()
    const hops = throughHops(call.incoming.headersDistinct[hopsHeader], self)
    const { work, body } = await receiveBody(call, works, team.limits.bodyBytes)
    const { deadlineMs = Number.POSITIVE_INFINITY, ...request } = parseBody(body, handleRequestSchema)
    const asked = { id: call.id, work, attempts: [], began }
    const { answer, trace } = await this.#ask(asked, request, hops, Math.min(deadlineMs, work.remainingMs()))
    return Response.json({ ...answer, trace })
  }

  /** @throws ApiError where it has no answer */
  async #ask(
    asked: Asked,
    request: AgentRequest,
    hops: readonly string[],
    withinMs: number,
  ): Promise<{ readonly answer: AgentAnswer; readonly trace: readonly TraceEvent[] }> {
    const { agent, clock, replies, logger } = this.#parts
    const { id, work } = asked
    const trace: TraceEvent[] = []
    const call = {
      signal: work.signal,
      deadline: clock.elapsedMs() + withinMs,
      hops,
      trace: (event: string, detail: TraceEvent['detail'] = {}) => keepTrace(trace, event, detail),
    }
    let answer: AgentAnswer
    try {
      answer = await agent.handle(request, call)
    } catch (error) {
      if (work.givenUp !== null) throw replies.failed(asked, givenUp(work))
      const failure = error as AgentFailure
      if (isFault(failure)) logger.error({ id, cause: (failure.cause as Error).stack }, `${agent.card.name} failed`)
      throw replies.failed(asked, toldFailure(failure))
    }
    replies.said(asked, { agent: agent.card.name, costUsd: answer.costUsd })
    return { answer, trace }
  }
}

/** As much as callers take: long texts are cut, and after so many events no more are kept. */
function keepTrace(trace: TraceEvent[], event: string, detail: TraceEvent['detail']): void {
  if (trace.length === mostTraceEvents) return
  const told = Object.entries(detail).map(([key, value]) => {
    if (typeof value === 'string') return [cut(key), cut(value)]
    // JSON has neither infinity nor NaN.
    return [cut(key), typeof value === 'number' && !Number.isFinite(value) ? String(value) : value]
  })
  trace.push({ event: cut(event), detail: Object.fromEntries(told) })
}

function cut(text: string): string {
  return text.slice(0, longestTraceText)
}
