import type { Attempt } from '../client/agent-client.js'
import type { Answer } from '../client/answer.js'
import type { PolicyIdentity } from '../gateway/record-decision.js'
import type { RelayedQuestion } from '../gateway/relay.js'

/** Whoever waits for the answer to a query. */
export interface Waiting {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
  /** Until the deadline. */
  remainingMs(): number
}

/** A query for the team. */
export interface Query<Q = RelayedQuestion> {
  /** Id of its request. */
  readonly id: string
  /** Name of the key that called. */
  readonly key: string | null
  /** Name of the model that was asked for. */
  readonly model: string
  /** Number of its type. */
  readonly type: number
  readonly question: Q
  readonly work: Waiting
  /** When its first byte came, by the clock's `elapsedMs`. */
  readonly began: number
  /** Every try is added to it. */
  readonly attempts: Attempt[]
}

/**
 * Where a query is. `begun`: its answer has begun to reach the client; `over`: nobody waits for it any more, though it may still have a
 * place until the next boundary.
 */
export type Stage = 'arriving' | 'inbox' | 'queued' | 'serving' | 'begun' | 'over'

/** The answer to a query: who gives it, and why that agent. */
export interface Dispatched<A = Answer> {
  /** Its place among the team's agents. */
  readonly agent: number
  /** As in x-cadre-reason. */
  readonly reason: string
  readonly answer: A
  /** What led the team when the agent got the query. */
  readonly policy?: PolicyIdentity
  /** To be called once, when the answer is over. @param whole - whether it came to its end */
  ended(whole: boolean): void
}

/** A query in the hands of the dispatcher. */
export interface Ticket<Q = RelayedQuestion, A = Answer> {
  readonly number: number
  readonly query: Query<Q>
  stage: Stage
  /** Whose queue it is in, NONE = nobody's. */
  agent: number
  tries: number
  /** Not asked again before, by the clock's `elapsedMs`. */
  notBefore: number
  /** Why its agent has it, as in x-cadre-reason. */
  reason: string
  /** What led the team when its agent got it. */
  policy: PolicyIdentity | undefined
  call: AbortController | null
  arrivedTick: number
  readonly resolve: (answered: Dispatched<A>) => void
  readonly reject: (error: unknown) => void
}
