import type { AgentClient, Attempt } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import type { Usage } from '../client/completion.js'
import type { OutcomeFields } from '../log/log-kinds.js'
import type { TeamAgent } from '../team/team-schema.js'
import type { AgentWarnings } from './agent-warnings.js'
import { type StreamEnd, streamBody } from './answer-response.js'
import { ApiError } from './api-error.js'
import type { Ledger } from './ledger.js'
import { attemptFields, costOf, type PolicyIdentity } from './record-decision.js'
import type { Relayed } from './relay.js'
import type { Work } from './work.js'

export interface RepliesParts {
  /** In the order of the team. */
  readonly agents: readonly TeamAgent[]
  readonly policy: PolicyIdentity
  /** In the order of the team. */
  readonly clients: readonly AgentClient[]
  readonly ledger: Ledger
  /** Tells whoever runs the gateway why agents fail. */
  readonly warnings: AgentWarnings
  /** Keys that must never be told, whatever an endpoint says. */
  readonly secrets: readonly string[]
  readonly clock: Clock
}

/** A request that waits for its reply. */
export interface Asked {
  readonly id: string
  readonly work: Work
  /** Every try so far. */
  readonly attempts: readonly Attempt[]
  /** When its first byte came, by the clock's `elapsedMs`. */
  readonly began: number
}

/** What a team said that is no endpoint of another. */
export interface Said {
  /** Default: answered. */
  readonly ended?: OutcomeFields['ended']
  /** Who wrote it; null where nobody did. */
  readonly agent: string | null
  readonly costUsd: number
  /** Default: none. */
  readonly attempts?: OutcomeFields['attempts']
}

/** Turns what an agent answered into a response, and what went wrong into an error; writes the outcome when it is over. */
export class Replies {
  readonly #parts: RepliesParts

  constructor(parts: RepliesParts) {
    this.#parts = parts
  }

  /**
   * The response of an answer.
   * @param score - of the agent, where the policy has one
   * @param ended - called once when the answer is over
   */
  respond(
    asked: Asked,
    { agent, answer, reason, policy = this.#parts.policy }: Relayed,
    score?: number,
    ended?: (end: StreamEnd) => void,
  ): Response {
    const { clients, agents } = this.#parts
    const firstTokenMs = this.msSince(asked.began)
    const over = (end: StreamEnd, usage: Usage | null) => {
      ended?.(end)
      this.#record(asked, {
        ended: end.kind,
        agent: clients[agent]!.name,
        status: end.kind === 'client-gone' ? null : 200,
        code: end.code,
        ms: this.msSince(asked.began),
        firstTokenMs,
        promptTokens: usage?.promptTokens ?? null,
        completionTokens: usage?.completionTokens ?? null,
        costUsd: costOf(agents[agent]!, usage),
      })
    }
    const headers = {
      'x-cadre-agent': clients[agent]!.name,
      'x-cadre-reason': reason,
      'x-cadre-policy': policy.sha256?.slice(0, 12) ?? policy.name,
      ...(score === undefined || !Number.isFinite(score) ? {} : { 'x-cadre-score': String(score) }),
    }
    if (answer.kind === 'whole') {
      over({ kind: 'answered', code: null }, answer.usage)
      return new Response(answer.bytes as Uint8Array<ArrayBuffer>, {
        headers: { ...headers, 'content-type': 'application/json' },
      })
    }
    const { stream } = answer
    const body = streamBody(
      stream,
      asked.work,
      (text) => this.#redact(text),
      (end) => over(end, stream.usage),
    )
    return new Response(body, {
      headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    })
  }

  /** Writes the outcome of a request to which the team itself said something, all at once. */
  said({ id, began }: Pick<Asked, 'id' | 'began'>, { ended = 'answered', agent, costUsd, attempts = [] }: Said): void {
    const ms = this.msSince(began)
    this.#parts.ledger.ended({
      request: id,
      ...{ ended, agent, ms, costUsd },
      status: 200,
      code: null,
      firstTokenMs: ms,
      promptTokens: null,
      completionTokens: null,
      attempts: attempts.map((attempt) => attemptFields(attempt, (text) => this.#redact(text))),
    })
  }

  /** Writes the outcome of a request that got no answer. @returns what to throw at the client */
  failed(asked: Asked, error: unknown): unknown {
    const gone = asked.work.givenUp === 'client-gone'
    const told = error instanceof ApiError ? error : null
    this.#record(asked, {
      ended: gone ? 'client-gone' : 'error',
      agent: null,
      status: gone ? null : (told?.status ?? 500),
      code: gone ? null : (told?.body.error.code ?? 'internal_error'),
      ms: this.msSince(asked.began),
      firstTokenMs: null,
      promptTokens: null,
      completionTokens: null,
      costUsd: null,
    })
    return told === null ? error : this.#redacted(told)
  }

  msSince(began: number): number {
    return Math.round(10 * (this.#parts.clock.elapsedMs() - began)) / 10
  }

  #record({ id, attempts }: Asked, outcome: Omit<OutcomeFields, 'request' | 'attempts'>): void {
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
}
