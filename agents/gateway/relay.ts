import type { AgentClient, Attempt } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Answer } from '../client/answer.js'
import type { Choice } from '../control/chooser.js'
import { ApiError, retryAfter } from './api-error.js'
import type { ForwardedBody } from './forwarded-body.js'
import type { PolicyIdentity } from './record-decision.js'
import { loopDetected } from './through-hops.js'
import type { Work } from './work.js'

/** What a choice of agents is asked. */
export interface RelayedQuestion {
  readonly stream: boolean
  readonly body: ForwardedBody
  /** Of the client's, that go on to whoever is asked: names and values in turns. */
  readonly headers: readonly string[]
}

/** Who answered, and why that agent. */
export interface Relayed {
  readonly agent: number
  readonly reason: string
  readonly answer: Answer
  /** What led the team when the agent was chosen. Default: what has led it from the start. */
  readonly policy?: PolicyIdentity
}

/**
 * Asks the agents of a choice, one after the other, until one answers: whole, or with its first token.
 * @param attempts - every try is added to it
 * @throws ApiError when none does before the deadline
 */
export async function relay(
  clients: readonly AgentClient[],
  choice: Choice,
  question: RelayedQuestion,
  work: Work,
  attempts: Attempt[],
): Promise<Relayed> {
  const failures: { readonly agent: string; readonly failure: AgentFailure }[] = []
  for (const [place, agent] of choice.order.entries()) {
    const client = clients[agent]!
    try {
      const answer = await client.ask({
        body: (askUsage) => question.body.text(client.model, askUsage),
        canAskUsage: question.body.canAskUsage,
        headers: question.headers,
        stream: question.stream,
        signal: work.signal,
        othersWait: () => choice.order.slice(place + 1).some((other) => clients[other]!.closedForMs === 0),
        remainingMs: () => work.remainingMs(),
        onAttempt: (attempt) => attempts.push(attempt),
      })
      const first = failures[0]
      const reason = first === undefined ? choice.reason : `fallback:${first.failure.outcome}`
      return { agent, reason, answer }
    } catch (failure) {
      if (!(failure instanceof AgentFailure)) throw failure
      if (failure.outcome === 'bad-request') throw refusedBy(client.name, failure)
      if (work.givenUp !== null) throw givenUp(work)
      failures.push({ agent: client.name, failure })
    }
  }
  throw noneAnswered(failures, clients)
}

/** What a client is told when its request was given up. */
export function givenUp({ givenUp }: Work): ApiError {
  if (givenUp === 'stopping') {
    return new ApiError(503, 'the gateway is stopping', { code: 'shutting_down', headers: retryAfter(1000) })
  }
  if (givenUp === 'client-gone') return new ApiError(499, 'the client has gone', { code: 'client_gone' })
  return new ApiError(504, 'no agent answered before the deadline', { code: 'deadline_exceeded' })
}

/** The endpoint says that the request is wrong; so would the next. */
export function refusedBy(agent: string, { status, upstream }: AgentFailure): ApiError {
  const { message, type, param, code } = upstream ?? { message: null, type: null, param: null, code: null }
  return new ApiError(status ?? 400, message ?? `agent "${agent}" refused the request without saying why`, {
    code: code ?? 'refused_by_agent',
    type: type ?? 'invalid_request_error',
    param,
  })
}

/** Whoever was asked leads back here. */
export function ledBack(who: string): ApiError {
  return loopDetected(`this request goes in a circle: ${who} leads back to a gateway that it has come through`)
}

function noneAnswered(
  failures: readonly { readonly agent: string; readonly failure: AgentFailure }[],
  clients: readonly AgentClient[],
): ApiError {
  const unfit = failures.find(({ failure }) => failure.outcome === 'unfit')
  if (unfit !== undefined && failures.every(({ failure }) => failure.outcome === 'unfit')) {
    return refusedBy(unfit.agent, unfit.failure)
  }
  if (failures.length > 0 && failures.every(({ failure }) => failure.isLoop)) {
    return ledBack(failures.map(({ agent }) => agent).join(', '))
  }
  const waits = failures.flatMap(({ failure }) => failure.retryAfterMs ?? [])
  const pauses = failures.length === 0 ? clients.map((client) => client.closedForMs) : waits
  const headers = retryAfter(pauses.length === 0 ? 1000 : Math.min(...pauses))
  const limited =
    failures.length > 0
      ? failures.every(({ failure }) => failure.outcome === 'rate-limited')
      : clients.every((client) => client.restsForMs > 0)
  if (limited) {
    return new ApiError(429, 'every agent is over its rate limit', { code: 'rate_limit_exceeded', headers })
  }
  const each = failures.map(({ agent, failure }) => `${agent} (${failure.outcome})`).join(', ')
  const message =
    each === ''
      ? 'every agent is down, or failed too often of late and is left alone for now'
      : `no agent answered: ${each}`
  return new ApiError(503, message, { code: 'agents_unavailable', headers })
}
