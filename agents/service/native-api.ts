import { z } from 'zod'
import { AgentFailure, type AttemptOutcome } from '../client/agent-failure.js'
import { failureOf } from '../client/classify-status.js'
import { readErrorBody } from '../client/upstream-error.js'
import { agentAnswerSchema, agentRequestSchema } from '../contract/agent.js'
import { ApiError, retryAfter } from '../gateway/api-error.js'
import { loopDetected } from '../gateway/through-hops.js'

/**
 * The native API of one agent: `POST /v1/agent/handle` with the contract's request, answered with the contract's answer. Both sides of
 * it, the service and whoever calls it, read it from here.
 */

/** What is added to the URL of a service that ends in /v1. */
export const handlePath = '/agent/handle'

export const handleRequestSchema = agentRequestSchema.extend({
  deadlineMs: z
    .number()
    .gt(0)
    .optional()
    .describe('until when the answer must be there, from now on; default: the team file says'),
})

/** Characters of a text in a trace, and events of it. */
export const longestTraceText = 1000
export const mostTraceEvents = 1000

const text = z.string().max(longestTraceText)

export const traceEventSchema = z.strictObject({
  event: text,
  detail: z.record(text, z.union([text, z.number(), z.boolean()])).default({}),
})

/** One thing that an agent tells of what it does. */
export type TraceEvent = z.infer<typeof traceEventSchema>

export const handleAnswerSchema = agentAnswerSchema.extend({
  trace: z.array(traceEventSchema).max(mostTraceEvents).default([]).describe('what it did, in order'),
})

const failureType = 'agent_failure'

/** How failures travel: what both sides mean by them. Any other is an error of the service. */
const statuses: Partial<Record<AttemptOutcome, number>> = {
  unfit: 422,
  'bad-request': 400,
  'rate-limited': 429,
  garbage: 502,
  timeout: 504,
  'server-error': 502,
}

/** Whether an agent broke in a way that it doesn't know itself: what that says is for the log of its service alone. */
export function isFault({ outcome, cause }: AgentFailure): boolean {
  return outcome === 'server-error' && cause !== undefined
}

/** A failure of an agent as its service tells it. */
export function toldFailure(failure: AgentFailure): ApiError {
  const { outcome, retryAfterMs } = failure
  if (failure.isLoop) return loopDetected(failure.message)
  const message = isFault(failure) ? 'the agent failed; the log of its service has the cause' : failure.message
  const status = statuses[outcome]
  const headers = retryAfterMs === null ? {} : retryAfter(retryAfterMs)
  return new ApiError(status ?? 502, message, {
    code: status === undefined ? 'server-error' : outcome,
    type: failureType,
    headers,
  })
}

/** What a service's status other than 200 means: the agent's own failure where it tells one. */
export function readFailure(status: number, retryAfterMs: number | null, body: string): AgentFailure {
  const told = readErrorBody(body)
  if (told?.type !== failureType || !Object.hasOwn(statuses, told.code ?? '')) {
    return failureOf(status, retryAfterMs, body)
  }
  return new AgentFailure(told.code as AttemptOutcome, told.message, { status, retryAfterMs, upstream: told })
}
