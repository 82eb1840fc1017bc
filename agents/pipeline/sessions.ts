import { createHash } from 'node:crypto'
import type { WorkingMemory } from '../context/working-memory.js'
import { Recent } from '../gateway/recent.js'

/** So many conversations may go on. */
const mostConversations = 10_000

/** A question that was asked back, and waits for what its user says. */
export interface Waiting {
  /** What the user had asked. */
  readonly question: string
  /** Calls that are left. */
  readonly left: number
}

/** How a conversation stands after a turn. */
export interface Standing {
  /** Null where the user was answered. */
  readonly waiting: Waiting | null
  /** What is known. */
  readonly memory: WorkingMemory
}

/** One turn of a conversation. */
export interface Turn {
  readonly role: string
  readonly text: string
}

/**
 * Conversations that may go on. Found again by the session's id, or by what was said: a chat completion is stateless, and clients send all
 * that was said. A question that waits goes on once; what is known stays known.
 */
export class Sessions {
  readonly #byId = new Recent<string, Standing>(mostConversations)
  readonly #byTurns = new Recent<string, string>(mostConversations)

  /**
   * @param key - of the client: what one is told is nobody else's
   * @param turns - all that was said, the last of the team
   */
  keep(id: string, key: string | null, turns: readonly Turn[], standing: Standing): void {
    this.#byId.set(id, standing)
    this.#byTurns.set(keyOf(key, turns), id)
  }

  /**
   * How the conversation stands that goes on; null where a new one begins.
   * @param id - of the session, where the client names one
   * @param before - all that was said before what the user says now
   */
  resume(id: string | null, key: string | null, before: readonly Turn[]): Standing | null {
    const found = id ?? this.#byTurns.get(keyOf(key, before))
    const standing = found === undefined ? undefined : this.#byId.get(found)
    if (standing === undefined) return null
    this.#byId.set(found!, { waiting: null, memory: standing.memory })
    return standing
  }
}

/** System prompts may change from request to request: they are no part of what was said. */
function keyOf(key: string | null, turns: readonly Turn[]): string {
  const said = turns.filter(({ role }) => role === 'user' || role === 'assistant')
  return createHash('sha256')
    .update(JSON.stringify([key, ...said.map(({ role, text }) => [role, text])]))
    .digest('hex')
}
