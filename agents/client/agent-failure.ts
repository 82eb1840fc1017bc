import type { UpstreamError } from './upstream-error.js'

/** How an attempt at an agent ended. */
export type AttemptOutcome =
  | 'answered'
  /** No first token, or no whole answer, in time. */
  | 'timeout'
  /** No connection, or one that broke before the first token. */
  | 'connection'
  | 'rate-limited'
  /** 5xx and the statuses that ask for another try. */
  | 'server-error'
  /** The endpoint wants another key, path or model: 401, 403, 404 and the like; or 508, it leads back to us. */
  | 'refused'
  /** The request itself is wrong: 400, 415, 422. Another agent would say the same. */
  | 'bad-request'
  /** The request is beyond this agent: its window, its modalities. Another may take it. */
  | 'unfit'
  /** 200 with something that isn't a chat completion. */
  | 'garbage'
  /** A stream that ended or turned to garbage after its first token. */
  | 'broken-stream'
  /** Not asked: it failed too often of late. */
  | 'breaker-open'
  /** Not asked: its health probe finds it down. */
  | 'down'
  /** Given up by us: the client left, the deadline passed, or the gateway stops. */
  | 'aborted'

const retried: readonly AttemptOutcome[] = ['connection', 'rate-limited', 'server-error']
const blameless: readonly AttemptOutcome[] = ['bad-request', 'unfit', 'aborted']

/** Why an agent didn't answer. Never leaves this room: the gateway turns it into the next attempt or an error response. */
export class AgentFailure extends Error {
  readonly outcome: AttemptOutcome
  /** HTTP status of the endpoint, where there was one. */
  readonly status: number | null
  /** How long the endpoint asks to be left alone. */
  readonly retryAfterMs: number | null
  readonly upstream: UpstreamError | null
  /** What it had cost by then, USD: an agent that asks several times may have paid for all but the last. */
  readonly costUsd: number

  constructor(
    outcome: AttemptOutcome,
    message: string,
    details: {
      status?: number
      retryAfterMs?: number | null
      upstream?: UpstreamError | null
      costUsd?: number
      cause?: unknown
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'AgentFailure'
    this.outcome = outcome
    this.status = details.status ?? null
    this.retryAfterMs = details.retryAfterMs ?? null
    this.upstream = details.upstream ?? null
    this.costUsd = details.costUsd ?? 0
  }

  /** What went wrong, in a line, with the endpoint's own words. They may hold anything: keys must be taken out. */
  get detail(): string {
    const said = this.upstream?.message ?? null
    return said === null || said === this.message ? this.message : `${this.message}: ${said}`
  }

  /** The same failure, having cost so much by then, USD. */
  costing(costUsd: number): AgentFailure {
    const { outcome, message, status, retryAfterMs, upstream, cause } = this
    const at = status === null ? {} : { status }
    return new AgentFailure(outcome, message, { ...at, retryAfterMs, upstream, costUsd, cause })
  }

  /** Whether the same agent may do better in a moment. */
  get retryable(): boolean {
    return retried.includes(this.outcome)
  }

  /** Whether it leads back to a gateway that the request has come through: so would every other try. */
  get isLoop(): boolean {
    return this.status === 508
  }

  /** Whether it says something about the agent, and not about the request. */
  get countsAgainstAgent(): boolean {
    return !blameless.includes(this.outcome)
  }
}
