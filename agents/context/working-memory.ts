import type { Source } from '../contract/agent.js'

/** Something that is known in a conversation. */
export interface Fact {
  /** Where it belongs, such as `order` or `customer/address`: who reads and writes is told by its beginning. */
  readonly key: string
  readonly value: string
  /** The agent that wrote it. */
  readonly owner: string
  /** What it stands on; null where that is the conversation itself. */
  readonly source: Source | null
  /** How many writes came before it: later ones count. */
  readonly revision: number
}

/** What an agent may do with a memory: keys, or beginnings of keys that end in a slash; `*` for all. */
export interface MemoryScopes {
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/** A memory as one agent sees it. */
export interface MemoryView {
  /** What is known under a key. @throws ScopeError where the agent may not read it */
  read(key: string): Fact | undefined
  /** All that the agent may read, in the order in which it was written. */
  list(): Fact[]
  /** @throws ScopeError where the agent may not write it; RangeError where the memory or the value is too large */
  write(key: string, value: string, source?: Source | null): Fact
  /** Takes back what this agent itself wrote. @throws ScopeError where somebody else did */
  forget(key: string): boolean
}

/** An agent reached for what isn't in its scopes. */
export class ScopeError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ScopeError'
  }
}

const mostFacts = 1000
const longestKey = 200
const longestValue = 20_000

/** What the agents of a team know of one conversation, and share: each sees and changes what its scopes allow. */
export class WorkingMemory {
  readonly #facts = new Map<string, Fact>()
  #revision = 0

  /** The memory as an agent sees it. */
  as(agent: string, { reads, writes }: MemoryScopes): MemoryView {
    const check = (verb: string, scopes: readonly string[], key: string) => {
      if (!scopes.some((scope) => isWithin(scope, key))) {
        const may = scopes.length === 0 ? 'nothing' : scopes.join(', ')
        throw new ScopeError(`${agent} may not ${verb} "${key}"; it may ${verb} ${may}`)
      }
    }
    return {
      read: (key) => {
        check('read', reads, key)
        return this.#facts.get(key)
      },
      list: () => [...this.#facts.values()].filter(({ key }) => reads.some((scope) => isWithin(scope, key))),
      write: (key, value, source = null) => {
        check('write', writes, key)
        this.#checkSize(key, value)
        const fact = { key, value, owner: agent, source, revision: this.#revision++ }
        // What is written anew comes last.
        this.#facts.delete(key)
        this.#facts.set(key, fact)
        return fact
      },
      forget: (key) => {
        check('write', writes, key)
        const fact = this.#facts.get(key)
        if (fact === undefined) return false
        if (fact.owner !== agent) throw new ScopeError(`${agent} may not forget "${key}": ${fact.owner} wrote it`)
        return this.#facts.delete(key)
      },
    }
  }

  #checkSize(key: string, value: string): void {
    if (key.length === 0 || key.length > longestKey) {
      throw new RangeError(`working memory: expected a key of 1 to ${longestKey} characters, got ${key.length}`)
    }
    if (value.length > longestValue) {
      throw new RangeError(`working memory: "${key}": expected at most ${longestValue} characters, got ${value.length}`)
    }
    if (!this.#facts.has(key) && this.#facts.size >= mostFacts) {
      throw new RangeError(`working memory: it is full with ${mostFacts} facts; forget some`)
    }
  }
}

function isWithin(scope: string, key: string): boolean {
  return scope === '*' || scope === key || (scope.endsWith('/') && key.startsWith(scope))
}

/** The memories of many conversations, by session: beyond so many the one that was longest unused goes. */
export class WorkingMemories {
  readonly #memories = new Map<string, WorkingMemory>()
  readonly #most: number

  /** @param most - conversations that are remembered */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#memories.size
  }

  /** The memory of a session, new where there was none. */
  of(session: string): WorkingMemory {
    const memory = this.#memories.get(session) ?? new WorkingMemory()
    this.#memories.delete(session)
    this.#memories.set(session, memory)
    if (this.#memories.size > this.#most) this.#memories.delete(this.#memories.keys().next().value!)
    return memory
  }

  /** Forgets a session. @returns whether it was known */
  end(session: string): boolean {
    return this.#memories.delete(session)
  }
}
