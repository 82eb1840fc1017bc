import type { AgentBreaker } from './agent-breaker.js'
import type { HealthListener } from './health-probe.js'
import type { Replica } from './replica.js'

/**
 * The replicas of an agent, as one: it can be called where one of them can. Whoever has the fewest requests on their way is next; of
 * those the first in the list.
 */
export class ReplicaSet {
  readonly #make: (url: string) => Replica
  #replicas: readonly Replica[]
  /** Hears whether the agent is up, once it is looked at. */
  #heard: HealthListener | null = null
  #up = true
  /** Those that were taken out and have requests on their way. */
  readonly #retiring = new Set<Replica>()

  /** @param urls - at least one, each once */
  constructor(urls: readonly string[], make: (url: string) => Replica) {
    this.#make = make
    this.#replicas = urls.map(make)
  }

  /** Where they are. */
  get urls(): readonly string[] {
    return this.#replicas.map(({ url }) => url)
  }

  /** [replicas], requests on their way. */
  get outstanding(): readonly number[] {
    return this.#replicas.map(({ outstanding }) => outstanding)
  }

  /**
   * From now on these: those that stay go on as they are, those that go end what they have begun.
   * @param urls - at least one, each once
   */
  set(urls: readonly string[]): void {
    const before = this.#replicas
    this.#replicas = urls.map((url) => before.find((replica) => replica.url === url) ?? this.#make(url))
    for (const replica of before) {
      if (this.#replicas.includes(replica)) continue
      this.#retiring.add(replica)
      void replica.retire().then(() => this.#retiring.delete(replica))
    }
    this.#watchAll()
    this.#hear('its replicas are others')
  }

  /** Who is asked next: null where nobody can be called. @param tried - who comes last of all */
  next(tried: ReadonlySet<Replica>): Replica | null {
    const callable = this.#replicas.filter(({ closedForMs }) => closedForMs === 0)
    const fresh = callable.filter((replica) => !tried.has(replica))
    return (fresh.length > 0 ? fresh : callable).reduce<Replica | null>(
      (best, one) => (best === null || one.outstanding < best.outstanding ? one : best),
      null,
    )
  }

  /** Whether one that wasn't tried could be called now. */
  hasOther(tried: ReadonlySet<Replica>): boolean {
    return this.#replicas.some((replica) => !tried.has(replica) && replica.closedForMs === 0)
  }

  /** closed: one is called; half-open: a request is testing one; open: all are left alone. */
  get breaker(): AgentBreaker['state'] {
    const states = this.#replicas.map(({ breaker }) => breaker)
    return states.includes('closed') ? 'closed' : states.includes('half-open') ? 'half-open' : 'open'
  }

  /** Why all are down; null where one is up. */
  get down(): string | null {
    return this.#replicas.every(({ down }) => down !== null) ? this.#replicas[0]!.down : null
  }

  /** Until one may be tried again. */
  get closedForMs(): number {
    return this.#soonest().closedForMs
  }

  /** Why the one that may be called first can't be called now. */
  get closedBy(): Replica['closedBy'] {
    return this.#soonest().closedBy
  }

  get restsForMs(): number {
    return Math.min(...this.#replicas.map(({ restsForMs }) => restsForMs))
  }

  /** @param heard - hears when the last one goes down and the first one comes up */
  watch(heard: HealthListener): void {
    this.#heard ??= heard
    this.#watchAll()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#replicas, ...this.#retiring].map((replica) => replica.close()))
  }

  #watchAll(): void {
    if (this.#heard === null) return
    for (const replica of this.#replicas) replica.watch((_, reason) => this.#hear(reason))
  }

  #hear(reason: string): void {
    const up = this.down === null
    if (up === this.#up) return
    this.#up = up
    this.#heard?.(up, reason)
  }

  #soonest(): Replica {
    return this.#replicas.reduce((first, one) => (one.closedForMs < first.closedForMs ? one : first))
  }
}
