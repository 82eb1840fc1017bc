import type { AgentClient } from '../client/agent-client.js'
import type { PolicyIdentity } from './record-decision.js'

/** An agent as it is now. What only a dispatcher knows is null where a router chooses. */
export interface AgentStatus {
  readonly name: string
  /** Whether its health probe finds it up; true where it has none. */
  readonly up: boolean
  /** Why it isn't called now; null where it may be. */
  readonly reason: string | null
  readonly breaker: AgentClient['breaker']
  /** Queries that it has claimed and not yet answered, the one in service included. */
  readonly queue: number | null
  /** How many it may have. */
  readonly capacity: number | null
  readonly inService: number | null
  /** Queries that it has claimed since the start. */
  readonly claims: number | null
  /** Requests that it answered since the start. */
  readonly answered: number
  /** Its faults since the start: tries that failed, and streams that broke. */
  readonly failed: number
  readonly lastFault: { readonly time: string; readonly outcome: string; readonly detail: string | null } | null
}

/** What only a dispatcher knows of an agent. */
export type QueueStatus = Pick<AgentStatus, 'queue' | 'capacity' | 'inService' | 'claims'>

/** A dispatcher as it is now. */
export interface DispatchStatus {
  readonly tick: number
  readonly tickMs: number
  /** When decisions are made: at the boundary of each tick, or when something happens. */
  readonly decide: 'ticks' | 'events'
  /** Boundaries that came late, since the start. */
  readonly lateTicks: number
  /** Head first. `remaining`: decisions until it is lost; `waitedTicks`: since it came. */
  readonly inbox: readonly { readonly type: string; readonly remaining: number; readonly waitedTicks: number }[]
  readonly inboxPlaces: number
  /** Queries a tick by type, over all ticks since the start: as they came, and as the model assumes. */
  readonly arrivals: readonly { readonly type: string; readonly observed: number; readonly assumed: number | null }[]
  /** Queries that nobody claimed in time, and those that found no place. */
  readonly lost: number
  readonly refused: number
  readonly utility: {
    /** Over so many ticks. */
    readonly ticks: number
    readonly total: number
    readonly perTick: number
    /** 99% interval of `perTick`; null where there are too few ticks for one. */
    readonly low: number | null
    readonly high: number | null
    /** The same, discounted from the start: gamma^(ms / tickMs), by the gamma that held at each time. */
    readonly discounted: number
    /** What the model predicts, for those who can be reached and the arrivals that it assumes; null where it isn't known. */
    readonly predictedPerTick: number | null
    /** Why nothing is predicted; null where something is. */
    readonly whyNotPredicted: string | null
    /** Claims whose success nobody has told yet. */
    readonly unjudged: number
  }
  /** Seats of the policy, and who has each one; null: nobody, which counts as down. */
  readonly seats: readonly { readonly seat: string; readonly agent: string | null }[]
  /** idle, solving, or failed: and why; null where another policy than the optimum leads. */
  readonly solving: string | null
  /** How often the policy could not decide (it threw, or chose what isn't legal), and why, the last time; null where it always could. */
  readonly policyFault: { readonly count: number; readonly message: string } | null
}

/** A decision as it was taken. */
export interface RecentDecision {
  readonly time: string
  readonly request: string
  readonly type: string | null
  readonly choice: string | null
  /** Who claimed the query, where that was more than one: the choice was drawn from them. */
  readonly drawnFrom: readonly string[] | null
  readonly by: string
  readonly reason: string
  readonly actions: readonly string[]
  /** Of each action. */
  readonly scores: readonly (number | null)[] | null
}

/** What `GET /v1/team` says. */
export interface TeamStatus {
  readonly team: string
  readonly mode: 'router' | 'dispatch' | 'pipeline'
  readonly policy: Pick<PolicyIdentity, 'name' | 'sha256' | 'version'>
  readonly startedAt: string
  readonly uptimeMs: number
  readonly agents: readonly AgentStatus[]
  /** Null where a router chooses. */
  readonly dispatch: DispatchStatus | null
  /** The last fifty, newest first. */
  readonly recent: readonly RecentDecision[]
}

/** What a dispatcher tells of itself. */
export interface DispatchView {
  /** In the order of the team. */
  queues(): readonly QueueStatus[]
  status(): DispatchStatus
}
