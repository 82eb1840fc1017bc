import type { AgentFailure } from '../client/agent-failure.js'

/**
 * Why a query has no answer. `full`: the inbox had no place; `expired`: nobody took it in its patience; `given-up`: nobody waits for it
 * any more; `refused`: its agent says that the query itself is wrong, or beyond it; `failed`: its agent failed too often.
 */
export type Unanswered =
  | { readonly kind: 'full' | 'expired'; readonly retryAfterMs: number }
  | { readonly kind: 'given-up' }
  | { readonly kind: 'refused' | 'failed'; readonly agent: string; readonly failure: AgentFailure }

/** A query ended without an answer. Whoever handed it in tells its client so in words. */
export class UnansweredError extends Error {
  readonly why: Unanswered

  constructor(why: Unanswered) {
    super(`a query has no answer: ${why.kind}`)
    this.name = 'UnansweredError'
    this.why = why
  }
}
