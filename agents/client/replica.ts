import { TaskCancelledError, TimeoutStrategy, timeout } from 'cockatiel'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentBreaker } from './agent-breaker.js'
import { AgentFailure, type AttemptOutcome } from './agent-failure.js'
import type { Answer } from './answer.js'
import type { Clock } from './clock.js'
import type { Endpoint, EndpointOptions, EndpointQuestion } from './endpoint.js'
import { EndpointLook } from './endpoint-look.js'
import { type HealthListener, HealthProbe } from './health-probe.js'

/** Makes the endpoint at a URL: what is spoken there. */
export type Speech = (url: string, timeoutMs: number, options: EndpointOptions) => Endpoint

/** How a try ended, for the decision log. */
export type TryListener = (outcome: AttemptOutcome, ms: number, status: number | null, detail: string | null) => void

/** What is amiss with an endpoint that answers. */
const refusesUsage = 'it refuses stream_options, so that what its streams use and cost is unknown'

/** One of the endpoints at which an agent can be reached: it is tried once, counted, looked at, and left alone, by itself. */
export class Replica {
  /** Where it is. */
  readonly url: string
  readonly #agent: TeamAgent
  readonly #endpoint: Endpoint
  readonly #breaker: AgentBreaker
  /** Where the team has it looked at. */
  readonly #probe: HealthProbe | null
  readonly #clock: Clock
  /** Until when it asked to be left alone, by the clock's `elapsedMs`. */
  #restsUntil = 0
  #outstanding = 0
  #idle: (() => void) | null = null

  constructor(url: string, agent: TeamAgent, options: EndpointOptions, speaks: Speech) {
    const { apiKey, proxies, clock } = options
    this.url = url
    this.#agent = agent
    this.#endpoint = speaks(url, agent.timeoutMs, options)
    this.#clock = clock
    this.#breaker = new AgentBreaker(agent.breaker, clock)
    const { probe } = agent
    const look = probe && new EndpointLook(url, probe, apiKey, proxies)
    this.#probe = look === undefined ? null : new HealthProbe(probe!, look, clock)
  }

  /** Requests on their way, streams until they are over. */
  get outstanding(): number {
    return this.#outstanding
  }

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
   * Tries it once.
   * @throws BrokenCircuitError where it is left alone; AgentFailure when it doesn't answer
   */
  ask(question: EndpointQuestion & { readonly signal: AbortSignal }, heard: TryListener): Promise<Answer> {
    return this.#breaker.guard(() => this.#once(question, heard))
  }

  /** Closes the connections when what is on its way has ended. */
  async retire(): Promise<void> {
    await this.#probe?.close()
    if (this.#outstanding > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    await this.#endpoint.close()
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#endpoint.close(), this.#probe?.close()])
    this.#idle?.()
  }

  /** One try, with its line for the log. */
  async #once(question: EndpointQuestion & { readonly signal: AbortSignal }, heard: TryListener): Promise<Answer> {
    if (question.signal.aborted) throw new AgentFailure('aborted', 'given up')
    const began = this.#clock.elapsedMs()
    const tell = (outcome: AttemptOutcome, status: number | null, detail: string | null) =>
      heard(outcome, Math.round(10 * (this.#clock.elapsedMs() - began)) / 10, status, detail)
    // Aborted when nobody waits any more, and when the time to the first token is over; not when that is reached.
    const call = new AbortController()
    const abort = () => call.abort()
    question.signal.addEventListener('abort', abort)
    this.#outstanding++
    let over = false
    const release = () => {
      question.signal.removeEventListener('abort', abort)
      if (over) return
      over = true
      if (--this.#outstanding === 0) this.#idle?.()
    }
    const limit = timeout(this.#agent.timeoutMs, {
      strategy: TimeoutStrategy.Aggressive,
      abortOnReturn: false,
    })
    try {
      const answer = await limit.execute(() => this.#endpoint.ask(question, call.signal, release), question.signal)
      if (answer.kind === 'whole') release()
      tell('answered', 200, question.canAskUsage && this.#endpoint.refusesUsage ? refusesUsage : null)
      return answer
    } catch (error) {
      release()
      call.abort()
      const failure = this.#explain(error, question.signal)
      tell(failure.outcome, failure.status, failure.detail)
      if (failure.outcome === 'rate-limited' && failure.retryAfterMs !== null) {
        this.#restsUntil = this.#clock.elapsedMs() + failure.retryAfterMs
      }
      throw failure
    }
  }

  #explain(error: unknown, signal: AbortSignal): AgentFailure {
    if (signal.aborted) return new AgentFailure('aborted', 'given up', { cause: error })
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
