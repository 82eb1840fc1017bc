import { AgentFailure, type UpstreamError } from './agent-failure.js'

const anotherTry = new Set([408, 409, 425])
const wrongRequest = new Set([400, 413, 422])

/**
 * What an endpoint's status other than 200 means.
 * @param body - the first bytes of what it said
 * @param now - ms since the epoch, for dates in Retry-After
 */
export function failureOf(status: number, retryAfter: string | undefined, body: string, now: number): AgentFailure {
  const details = { status, retryAfterMs: retryAfterMs(retryAfter, now) }
  if (status === 429) return new AgentFailure('rate-limited', 'HTTP 429', details)
  if (status >= 500 || anotherTry.has(status)) return new AgentFailure('server-error', `HTTP ${status}`, details)
  if (wrongRequest.has(status)) {
    return new AgentFailure('bad-request', `HTTP ${status}`, { ...details, upstream: upstreamError(body) })
  }
  if (status >= 400) return new AgentFailure('refused', `HTTP ${status}`, details)
  return new AgentFailure('garbage', `HTTP ${status} in place of an answer`, details)
}

/** Seconds or a date, as milliseconds from now; null where it is absent or neither. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}(\.\d+)?$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

function upstreamError(body: string): UpstreamError | null {
  try {
    const { error } = JSON.parse(body) as { error?: Partial<UpstreamError> }
    if (typeof error?.message !== 'string') return null
    const text = (value: unknown) => (typeof value === 'string' ? value : null)
    return { message: error.message, type: text(error.type), param: text(error.param), code: text(error.code) }
  } catch {
    return null
  }
}
