import { BrokenCircuitError, DelegateBackoff, handleWhen, retry } from 'cockatiel'
import { replicasOf } from '../team/replicas.js'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentFailure, type AttemptOutcome } from './agent-failure.js'
import type { Answer } from './answer.js'
import { ChatEndpoint } from './chat-endpoint.js'
import type { EndpointOptions, EndpointQuestion } from './endpoint.js'
import type { HealthListener } from './health-probe.js'
import { Replica, type Speech } from './replica.js'
import { ReplicaSet } from './replica-set.js'
import { unlessAborted } from './unless-aborted.js'

/** One try at one agent, for the decision log. */
export interface Attempt {
  readonly agent: string
  readonly outcome: AttemptOutcome
  readonly ms: number
  readonly status: number | null
  /**
   * Why it failed, in a line, with the endpoint's own words; of one that answered what was amiss all the same, else null. May hold
   * keys until they are taken out.
   */
  readonly detail: string | null
}

/** What an agent is asked, and by when. */
export interface Question extends EndpointQuestion {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Whether another agent could be asked now in place of this one. */
  othersWait(): boolean
  /** Until the request's deadline. */
  remainingMs(): number
  /** Hears of every try. */
  onAttempt(attempt: Attempt): void
}

const chatCompletions: Speech = (url, timeoutMs, options) => new ChatEndpoint(url, timeoutMs, options)

/** Why an agent isn't asked. */
const notAsked = {
  down: 'its health probe finds it down',
  'rate-limited': 'it asked to be left alone for a while',
  'breaker-open': 'it failed too often of late',
} as const
/** Wait before the first retry where the endpoint names none; doubled each time. */
const firstPauseMs = 100
/** Longest wait for a retry while another agent could be asked. */
const maxPauseBeforeOthersMs = 1000

/**
 * Calls one agent, at the replica with the fewest requests on their way. Tries again only before the first token, and only where that
 * can help: at once at a replica that wasn't tried yet, which is no retry; else after a pause as long as the endpoint asks, if that
 * leaves half of the time to the deadline, and no longer than a second where another agent could be asked. Leaves a replica alone that
 * keeps failing.
 */
export class AgentClient {
  readonly name: string
  readonly model: string
  readonly #agent: TeamAgent
  readonly #replicas: ReplicaSet

  /** @param speaks - what is spoken at the agent's URLs. Default: chat completions */
  constructor(agent: TeamAgent, options: EndpointOptions, speaks: Speech = chatCompletions) {
    this.name = agent.name
    this.model = agent.model ?? agent.name
    this.#agent = agent
    this.#replicas = new ReplicaSet(replicasOf(agent), (url) => new Replica(url, agent, options, speaks))
  }

  /** Where it can be reached. */
  get replicas(): readonly string[] {
    return this.#replicas.urls
  }

  /** [replicas], requests on their way. */
  get outstanding(): readonly number[] {
    return this.#replicas.outstanding
  }

  /** From now on it is reached at these: what is on its way elsewhere ends as if nothing had happened. */
  setReplicas(urls: readonly string[]): void {
    this.#replicas.set(urls)
  }

  /** closed: it is called; open: it is left alone; half-open: one request is testing it. */
  get breaker(): Replica['breaker'] {
    return this.#replicas.breaker
  }

  /** Why its health probe finds it down; null where it is up, or isn't looked at. */
  get down(): string | null {
    return this.#replicas.down
  }

  /** Begins to look whether it is up, where the team wants that. @param heard - hears of each change */
  watch(heard: HealthListener): void {
    this.#replicas.watch(heard)
  }

  /** Until it may be tried again; 0 when it may be called now. */
  get closedForMs(): number {
    return this.#replicas.closedForMs
  }

  /** Why it can't be called now; null where it can. */
  get closedBy(): Replica['closedBy'] {
    return this.#replicas.closedBy
  }

  /** How long it still wants to be left alone, as it said with its last rate limit; 0 when it doesn't. */
  get restsForMs(): number {
    return this.#replicas.restsForMs
  }

  /**
   * Asks the agent.
   * @throws AgentFailure when it doesn't answer
   */
  async ask(question: Question): Promise<Answer> {
    if (this.closedForMs > 0) throw this.#notAsked(question)
    const tried = new Set<Replica>()
    let last: Replica | null = null
    /** Tries at replicas that had been tried before. */
    let retries = 0
    const goesOn = () => this.#replicas.hasOther(tried)
    const pauseMs = (failure: AgentFailure) => {
      const own = firstPauseMs * 2 ** retries
      // Of several the one that is free first is tried, not the one that failed last.
      if (this.replicas.length > 1) return Math.max(this.restsForMs, own)
      return failure.retryAfterMs ?? own
    }
    const longestMs = () =>
      Math.min(question.remainingMs() / 2, question.othersWait() ? maxPauseBeforeOthersMs : Number.POSITIVE_INFINITY)
    const worthwhile = (error: Error) =>
      error instanceof AgentFailure &&
      error.retryable &&
      !question.signal.aborted &&
      (goesOn() || (retries < this.#agent.retries && pauseMs(error) <= longestMs()))
    const again = retry(handleWhen(worthwhile), {
      maxAttempts: Number.POSITIVE_INFINITY,
      backoff: new DelegateBackoff(({ result }) =>
        'error' in result && !goesOn() ? pauseMs(result.error as AgentFailure) : 0,
      ),
    })
    const once = () => {
      // Who was waited for as long as it asked is tried, whatever the last millisecond says.
      const replica: Replica | null = this.#replicas.next(tried) ?? last
      if (replica === null) throw this.#notAsked(question)
      last = replica
      if (tried.has(replica)) retries++
      tried.add(replica)
      const several = this.replicas.length > 1
      return replica.ask(question, (outcome, ms, status, detail) => {
        const where = several && detail !== null ? `${replica.url}: ${detail}` : detail
        question.onAttempt({ agent: this.name, outcome, ms, status, detail: where })
      })
    }
    try {
      return await unlessAborted(again.execute(once), question.signal)
    } catch (error) {
      throw error instanceof BrokenCircuitError ? this.#notAsked(question) : error
    }
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#replicas.close()
  }

  #notAsked(question: Question): AgentFailure {
    const outcome = this.closedBy ?? 'breaker-open'
    const detail = notAsked[outcome]
    question.onAttempt({ agent: this.name, outcome, ms: 0, status: null, detail })
    return new AgentFailure(outcome, detail, { retryAfterMs: this.closedForMs })
  }
}
