import {
  BrokenCircuitError,
  DelegateBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentBreaker } from './agent-breaker.js'
import { AgentFailure, type AttemptOutcome } from './agent-failure.js'
import type { Answer } from './answer.js'
import { ChatEndpoint } from './chat-endpoint.js'
import type { Clock } from './clock.js'
import type { Endpoint, EndpointOptions, EndpointQuestion } from './endpoint.js'
import { EndpointLook } from './endpoint-look.js'
import { type HealthListener, HealthProbe } from './health-probe.js'
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

/** Makes the endpoint at a URL: what is spoken there. */
export type Speech = (url: string, timeoutMs: number, options: EndpointOptions) => Endpoint

const chatCompletions: Speech = (url, timeoutMs, options) => new ChatEndpoint(url, timeoutMs, options)

/** What is amiss with an agent that answers. */
const refusesUsage = 'it refuses stream_options, so that what its streams use and cost is unknown'
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
 * Calls one agent. Tries again only before the first token, and only where that can help; waits as long as the endpoint asks, if that
 * leaves half of the time to the deadline, and no longer than a second where another agent could be asked; leaves an agent alone that
 * keeps failing.
 */
export class AgentClient {
  readonly name: string
  readonly model: string
  readonly #agent: TeamAgent
  readonly #endpoint: Endpoint
  readonly #breaker: AgentBreaker
  /** Where the team has it looked at. */
  readonly #probe: HealthProbe | null
  readonly #clock: Clock
  /** Until when the endpoint asked to be left alone, by the clock's `elapsedMs`. */
  #restsUntil = 0

  /** @param speaks - what is spoken at the agent's URL. Default: chat completions */
  constructor(agent: TeamAgent, options: EndpointOptions, speaks: Speech = chatCompletions) {
    const { apiKey, proxies, clock } = options
    this.name = agent.name
    this.model = agent.model ?? agent.name
    this.#agent = agent
    this.#endpoint = speaks(agent.endpoint, agent.timeoutMs, options)
    this.#clock = clock
    this.#breaker = new AgentBreaker(agent.breaker, clock)
    const { probe } = agent
    const look = probe && new EndpointLook(agent, probe, apiKey, proxies)
    this.#probe = look === undefined ? null : new HealthProbe(probe!, look, clock)
  }

  /** closed: it is called; open: it is left alone; half-open: one request is testing it. */
  get breaker(): AgentBreaker['state'] {
    return this.#breaker.state
  }

  /** Why its health probe finds it down; null where it is up, or isn't looked at. */
  get down(): string | null {
    return this.#probe === null || this.#probe.up ? null : (this.#probe.reason ?? 'it was down')
  }

  /** Begins to look whether it is up, where the team wants that. @param heard - hears of each change */
  watch(heard: HealthListener): void {
    this.#probe?.start(heard)
  }

  /** Until it may be tried again; 0 when it may be called now. */
  get closedForMs(): number {
    const downForMs = this.down === null ? 0 : this.#agent.probe!.everyMs
    return Math.max(this.#breaker.closedForMs, this.restsForMs, downForMs)
  }

  /** Why it can't be called now; null where it can. */
  get closedBy(): 'down' | 'rate-limited' | 'breaker-open' | null {
    if (this.down !== null) return 'down'
    if (this.restsForMs > 0) return 'rate-limited'
    return this.#breaker.closedForMs > 0 ? 'breaker-open' : null
  }

  /** How long it still wants to be left alone, as it said with its last rate limit; 0 when it doesn't. */
  get restsForMs(): number {
    return Math.max(0, this.#restsUntil - this.#clock.elapsedMs())
  }

  /**
   * Asks the agent.
   * @throws AgentFailure when it doesn't answer
   */
  async ask(question: Question): Promise<Answer> {
    if (this.closedForMs > 0) throw this.#notAsked(question)
    let tries = 0
    const pauseMs = (failure: AgentFailure, attempt: number) =>
      failure.retryAfterMs ?? firstPauseMs * 2 ** (attempt - 1)
    const longestMs = () =>
      Math.min(question.remainingMs() / 2, question.othersWait() ? maxPauseBeforeOthersMs : Number.POSITIVE_INFINITY)
    const worthwhile = (error: Error) =>
      error instanceof AgentFailure &&
      error.retryable &&
      !question.signal.aborted &&
      pauseMs(error, tries) <= longestMs()
    const again = retry(handleWhen(worthwhile), {
      maxAttempts: this.#agent.retries,
      backoff: new DelegateBackoff(({ attempt, result }) =>
        'error' in result ? pauseMs(result.error as AgentFailure, attempt) : 0,
      ),
    })
    try {
      return await unlessAborted(
        again.execute(() => {
          tries++
          return this.#breaker.guard(() => this.#once(question))
        }),
        question.signal,
      )
    } catch (error) {
      throw error instanceof BrokenCircuitError ? this.#notAsked(question) : error
    }
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#endpoint.close(), this.#probe?.close()])
  }

  #notAsked(question: Question): AgentFailure {
    const outcome = this.closedBy ?? 'breaker-open'
    const detail = notAsked[outcome]
    question.onAttempt({ agent: this.name, outcome, ms: 0, status: null, detail })
    return new AgentFailure(outcome, detail, { retryAfterMs: this.closedForMs })
  }

  /** One try, with its line for the log. */
  async #once(question: Question): Promise<Answer> {
    if (question.signal.aborted) throw new AgentFailure('aborted', 'given up')
    const began = this.#clock.elapsedMs()
    const heard = (outcome: AttemptOutcome, status: number | null, detail: string | null) => {
      const ms = Math.round(10 * (this.#clock.elapsedMs() - began)) / 10
      question.onAttempt({ agent: this.name, outcome, ms, status, detail })
    }
    // Aborted when nobody waits any more, and when the time to the first token is over; not when that is reached.
    const call = new AbortController()
    const abort = () => call.abort()
    question.signal.addEventListener('abort', abort)
    const release = () => question.signal.removeEventListener('abort', abort)
    const limit = timeout(this.#agent.timeoutMs, {
      strategy: TimeoutStrategy.Aggressive,
      abortOnReturn: false,
    })
    try {
      const answer = await limit.execute(() => this.#endpoint.ask(question, call.signal, release), question.signal)
      if (answer.kind === 'whole') release()
      heard('answered', 200, question.canAskUsage && this.#endpoint.refusesUsage ? refusesUsage : null)
      return answer
    } catch (error) {
      release()
      call.abort()
      const failure = this.#explain(error, question)
      heard(failure.outcome, failure.status, failure.detail)
      if (failure.outcome === 'rate-limited' && failure.retryAfterMs !== null) {
        this.#restsUntil = this.#clock.elapsedMs() + failure.retryAfterMs
      }
      throw failure
    }
  }

  #explain(error: unknown, question: Question): AgentFailure {
    if (question.signal.aborted) return new AgentFailure('aborted', 'given up', { cause: error })
    if (error instanceof AgentFailure) return error
    if (error instanceof TaskCancelledError) {
      return new AgentFailure('timeout', `no answer in ${this.#agent.timeoutMs} ms`, { cause: error })
    }
    const { code, message } = error as NodeJS.ErrnoException
    // What undici says tells more than its codes.
    const said = code === undefined || code.startsWith('UND_') ? message : code
    return new AgentFailure('connection', said, { cause: error })
  }
}
