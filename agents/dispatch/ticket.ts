import type { Attempt } from '../client/agent-client.js'
import type { Relayed, RelayedQuestion } from '../gateway/relay.js'
import type { Work } from '../gateway/work.js'

/** A query for the team. */
export interface Query {
  /** Id of its request. */
  readonly id: string
  /** Name of the key that called. */
  readonly key: string | null
  /** Name of the model that was asked for. */
  readonly model: string
  /** Number of its type. */
  readonly type: number
  readonly question: RelayedQuestion
  readonly work: Work
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

/** The answer to a query. */
export interface Dispatched extends Relayed {
  /** To be called once, when the answer is over. @param whole - whether it came to its end */
  ended(whole: boolean): void
}

/** A query in the hands of the dispatcher. */
export interface Ticket {
  readonly number: number
  readonly query: Query
  stage: Stage
  /** Whose queue it is in, NONE = nobody's. */
  agent: number
  tries: number
  /** Not asked again before, by the clock's `elapsedMs`. */
  notBefore: number
  /** Why its agent has it, as in x-cadre-reason. */
  reason: string
  call: AbortController | null
  arrivedTick: number
  readonly resolve: (answered: Dispatched) => void
  readonly reject: (error: unknown) => void
}
