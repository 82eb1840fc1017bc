import type { AgentClient, Attempt } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import type { Usage } from '../client/completion.js'
import type { Chooser } from '../control/chooser.js'
import type { OutcomeFields } from '../log/log-kinds.js'
import type { Team } from '../team/team-schema.js'
import type { AgentWarnings } from './agent-warnings.js'
import { type StreamEnd, streamBody } from './answer-response.js'
import { ApiError } from './api-error.js'
import { beginningOf, parseChatRequest, promptText } from './chat-request.js'
import { forwardedBody } from './forwarded-body.js'
import { forwardedHeaders } from './forwarded-headers.js'
import type { Ledger } from './ledger.js'
import { type Call, receiveBody } from './receive-body.js'
import { attemptFields, type Chosen, costOf, decisionFields, type PolicyIdentity } from './record-decision.js'
import { type Relayed, type RelayedQuestion, relay } from './relay.js'
import type { Work, WorkList } from './work.js'

export interface ChatParts {
  readonly team: Team
  readonly policy: PolicyIdentity
  readonly chooser: Chooser
  /** Of the chooser's draws. */
  readonly seed: number
  /** In the order of the team. */
  readonly clients: readonly AgentClient[]
  readonly ledger: Ledger
  /** Tells whoever runs the gateway why agents fail. */
  readonly warnings: AgentWarnings
  readonly works: WorkList
  /** Keys that must never be told, whatever an endpoint says. */
  readonly secrets: readonly string[]
  readonly clock: Clock
}

/**
 * Answers chat completions: chooses an agent, asks it and, where it fails, the next. The decision is in the log before anybody is
 * asked, the outcome when the answer is over.
 */
export class Chat {
  readonly #parts: ChatParts

  constructor(parts: ChatParts) {
    this.#parts = parts
  }

  /** @throws ApiError what to tell the client instead */
  async answer(call: Call): Promise<Response> {
    const { team, works } = this.#parts
    const began = this.#parts.clock.elapsedMs()
    const { work, body } = await receiveBody(call, works, team.limits.bodyBytes)
    const request = parseChatRequest(body)
    const requested = this.#requested(request.model)
    const prompt = promptText(request)
    // Encoding takes the event loop for as long as the text is.
    const text = beginningOf(prompt, team.limits.promptCharacters)
    const callable = this.#parts.clients.map(({ closedForMs }) => closedForMs === 0)
    const choice = this.#parts.chooser.choose(
      text,
      callable,
      requested,
      (agent) => this.#parts.clients[agent]!.closedBy,
    )
    const question = {
      stream: request.stream === true,
      body: forwardedBody(body, request),
      headers: forwardedHeaders(call.incoming.headersDistinct, team.forwardHeaders),
    }
    const { policy, seed, ledger } = this.#parts
    const chosen: Chosen = {
      id: call.id,
      waitedMs: this.#msSince(began),
      key: call.key,
      model: request.model,
      text,
      characters: prompt.length,
      callable,
      seed,
      choice,
    }
    ledger.decided(decisionFields(team, policy, chosen))
    return this.#serve(question, work, chosen, began)
  }

  /** The number of the agent that a request names; undefined where the policy chooses. */
  #requested(model: string): number | undefined {
    const { team } = this.#parts
    if (model === team.model) return undefined
    const agent = team.agents.findIndex(({ name }) => name === model)
    if (agent >= 0) return agent
    throw new ApiError(404, `there is no model ${JSON.stringify(model.slice(0, 200))}; GET /v1/models lists them`, {
      code: 'model_not_found',
      param: 'model',
    })
  }

  async #serve(question: RelayedQuestion, work: Work, chosen: Chosen, began: number): Promise<Response> {
    const { clients } = this.#parts
    const attempts: Attempt[] = []
    let relayed: Relayed
    try {
      relayed = await relay(clients, chosen.choice, question, work, attempts)
    } catch (error) {
      this.#recordFailure(error, work, chosen, attempts, began)
      throw error instanceof ApiError ? this.#redacted(error) : error
    }
    const { agent, answer } = relayed
    const firstTokenMs = this.#msSince(began)
    const record = (end: StreamEnd, usage: Usage | null) => {
      this.#record(chosen, attempts, {
        ended: end.kind,
        agent: clients[agent]!.name,
        status: end.kind === 'client-gone' ? null : 200,
        code: end.code,
        ms: this.#msSince(began),
        firstTokenMs,
        promptTokens: usage?.promptTokens ?? null,
        completionTokens: usage?.completionTokens ?? null,
        costUsd: costOf(this.#parts.team.agents[agent]!, usage),
      })
    }
    const headers = this.#headers(relayed, chosen)
    if (answer.kind === 'whole') {
      record({ kind: 'answered', code: null }, answer.usage)
      return new Response(answer.bytes as Uint8Array<ArrayBuffer>, {
        headers: { ...headers, 'content-type': 'application/json' },
      })
    }
    const { stream } = answer
    const body = streamBody(
      stream,
      work,
      (text) => this.#redact(text),
      (end) => record(end, stream.usage),
    )
    return new Response(body, {
      headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    })
  }

  #headers({ agent, reason }: Relayed, { choice }: Chosen): Record<string, string> {
    const { clients, policy } = this.#parts
    const score = choice.scores?.[agent]
    return {
      'x-cadre-agent': clients[agent]!.name,
      'x-cadre-reason': reason,
      'x-cadre-policy': policy.sha256?.slice(0, 12) ?? policy.name,
      ...(score === undefined || !Number.isFinite(score) ? {} : { 'x-cadre-score': String(score) }),
    }
  }

  #recordFailure(error: unknown, work: Work, chosen: Chosen, attempts: readonly Attempt[], began: number): void {
    const gone = work.givenUp === 'client-gone'
    const told = error instanceof ApiError ? error : null
    this.#record(chosen, attempts, {
      ended: gone ? 'client-gone' : 'error',
      agent: null,
      status: gone ? null : (told?.status ?? 500),
      code: gone ? null : (told?.body.error.code ?? 'internal_error'),
      ms: this.#msSince(began),
      firstTokenMs: null,
      promptTokens: null,
      completionTokens: null,
      costUsd: null,
    })
  }

  #record({ id }: Chosen, attempts: readonly Attempt[], outcome: Omit<OutcomeFields, 'request' | 'attempts'>): void {
    const { ledger, warnings } = this.#parts
    const told = attempts.map((attempt) => attemptFields(attempt, (text) => this.#redact(text)))
    for (const attempt of told) warnings.hear(attempt)
    ledger.ended({ request: id, ...outcome, attempts: told })
  }

  #redact(text: string): string {
    return this.#parts.secrets.reduce((rest, secret) => rest.replaceAll(secret, '[key]'), text)
  }

  /** An endpoint may show the key that it was given in what it says. */
  #redacted(error: ApiError): ApiError {
    const { message, type, param, code } = error.body.error
    const clean = (text: string) => this.#redact(text)
    return new ApiError(error.status, clean(message), {
      type: clean(type),
      param: param === null ? null : clean(param),
      code: clean(code ?? ''),
      headers: error.headers,
    })
  }

  #msSince(began: number): number {
    return Math.round(10 * (this.#parts.clock.elapsedMs() - began)) / 10
  }
}
