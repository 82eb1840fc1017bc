import { type Fact, isWithin, type Remembered, type ShownMemory } from '../contract/memory.js'

/** What an agent may do with a memory: keys, or beginnings of keys that end in a slash; `*` for all. */
export interface MemoryScopes {
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/** So many facts are known at once: beyond them the one that was written longest ago is forgotten. */
export const mostFacts = 100

/**
 * What the agents of a team know of one conversation, and share: each sees and changes what its scopes allow. A memory never changes: writing
 * gives another one, so that a conversation which branches, or a turn that is sent again, has its own.
 */
export class WorkingMemory {
  static readonly empty = new WorkingMemory([])
  /** In the order in which they were written. */
  readonly facts: readonly Fact[]

  private constructor(facts: readonly Fact[]) {
    this.facts = facts
  }

  /** What an agent is shown of it. */
  shownTo({ reads, writes }: MemoryScopes): ShownMemory {
    return { known: this.facts.filter(({ key }) => isWithin(reads, key)), mayWrite: [...writes] }
  }

  /** What is known once an agent has written this: what is written anew comes last. */
  with(owner: string, written: Remembered): WorkingMemory {
    const facts = new Map(this.facts.map((fact) => [fact.key, fact]))
    for (const { key, value, source } of written) {
      facts.delete(key)
      if (value !== null) facts.set(key, { key, value, owner, source })
    }
    return facts.size === 0 ? WorkingMemory.empty : new WorkingMemory([...facts.values()].slice(-mostFacts))
  }
}
