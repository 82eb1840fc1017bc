import { AgentFailure } from './agent-failure.js'
import { readErrorBody, type ToldError, type UpstreamError } from './upstream-error.js'

const anotherTry = new Set([408, 409, 425])
const wrongRequest = new Set([400, 413, 415, 422])
/** The request is beyond what this agent takes: its window, its modalities, its parameters. Another may take it. */
const beyondAgent =
  /^(context_length_exceeded|context_window_exceeded|string_above_max_length|request_too_large|unsupported_\w+|\w+_not_supported)$/

/**
 * What an endpoint's status other than 200 means.
 * @param retryAfterMs - how long it asks to be left alone; null where it doesn't say
 * @param body - the first bytes of what it said
 */
export function failureOf(status: number, retryAfterMs: number | null, body: string): AgentFailure {
  return classified(status, retryAfterMs, readErrorBody(body))
}

/**
 * What an error told within a 200 means: as the status that it names would, else as an error of the server.
 * @param whenBroken - what it is once a token has come
 */
export function failureTold(error: ToldError, whenBroken: 'broken-stream' | null = null): AgentFailure {
  if (whenBroken !== null) return new AgentFailure(whenBroken, error.message, { upstream: error, status: 200 })
  return classified(error.status ?? 502, null, error, error.message)
}

function classified(
  status: number,
  retryAfterMs: number | null,
  upstream: UpstreamError | null,
  message = `HTTP ${status}`,
): AgentFailure {
  const details = { status, retryAfterMs, upstream }
  if (status === 413 || (status < 500 && beyondAgent.test(upstream?.code ?? ''))) {
    return new AgentFailure('unfit', message, details)
  }
  if (status === 429) return new AgentFailure('rate-limited', message, details)
  // It leads back to whoever asks: the next try would, too.
  if (status === 508) return new AgentFailure('refused', message, details)
  if (status >= 500 || anotherTry.has(status)) return new AgentFailure('server-error', message, details)
  if (wrongRequest.has(status)) return new AgentFailure('bad-request', message, details)
  if (status >= 400) return new AgentFailure('refused', message, details)
  return new AgentFailure('garbage', `HTTP ${status} in place of an answer`, details)
}
