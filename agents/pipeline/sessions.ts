import { createHash } from 'node:crypto'
import { Recent } from '../gateway/recent.js'
import type { Suspended } from './pipeline-walk.js'

/** So many questions may wait for what their users say. */
const mostWaiting = 10_000

/** A question that was asked back. */
export interface Waiting extends Suspended {
  /** What the user had asked. */
  readonly question: string
}

/** One turn of a conversation. */
export interface Turn {
  readonly role: string
  readonly text: string
}

/**
 * Questions that wait for an answer of their users. Found again by the session's id, or by the conversation that led there: a chat
 * completion is stateless, and clients send all that was said. Each goes on once.
 */
export class Sessions {
  /** Null once it has gone on. */
  readonly #byId = new Recent<string, Waiting | null>(mostWaiting)
  readonly #byTurns = new Recent<string, string>(mostWaiting)

  /** @param turns - all that was said, the question back last */
  suspend(id: string, turns: readonly Turn[], waiting: Waiting): void {
    this.#byId.set(id, waiting)
    this.#byTurns.set(keyOf(turns), id)
  }

  /**
   * The question that goes on; null where a new one begins.
   * @param id - of the session, where the client names one
   * @param before - all that was said before what the user says now
   */
  resume(id: string | null, before: readonly Turn[]): Waiting | null {
    const found = id ?? this.#byTurns.get(keyOf(before))
    if (found === undefined) return null
    const waiting = this.#byId.get(found) ?? null
    this.#byId.set(found, null)
    return waiting
  }
}

/** System prompts may change from request to request: they are no part of what was said. */
function keyOf(turns: readonly Turn[]): string {
  const said = turns.filter(({ role }) => role === 'user' || role === 'assistant')
  return createHash('sha256')
    .update(JSON.stringify(said.map(({ role, text }) => [role, text])))
    .digest('hex')
}
