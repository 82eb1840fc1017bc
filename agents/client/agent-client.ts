import {
  BrokenCircuitError,
  DelegateBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel'
import type { Dispatcher } from 'undici'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentBreaker } from './agent-breaker.js'
import { AgentFailure, type AttemptOutcome } from './agent-failure.js'
import type { Answer } from './answer.js'
import { AnswerStream } from './answer-stream.js'
import { failureOf, failureTold } from './classify-status.js'
import { type Clock, machineClock } from './clock.js'
import { parseJson, readAnswer } from './completion.js'
import { EndpointLook } from './endpoint-look.js'
import { type HealthListener, HealthProbe } from './health-probe.js'
import { retryAfterOf } from './retry-after.js'
import { unlessAborted } from './unless-aborted.js'
import { noProxies, type Proxies, upstreamConnections } from './upstream-connections.js'
import { readToldError } from './upstream-error.js'
import { readUpTo, UpstreamResponse } from './upstream-response.js'

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

/** What an agent is asked. */
export interface Question {
  /** The request as JSON, with the agent's own model name; with the question what a stream uses, where `canAskUsage` says so. */
  body(askUsage: boolean): string
  /** Whether the client leaves it to us to ask what its stream uses; it then doesn't hear of it. */
  readonly canAskUsage: boolean
  readonly stream: boolean
  /** More headers for the endpoint: names and values in turns. */
  readonly headers: readonly string[]
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Whether another agent could be asked now in place of this one. */
  othersWait(): boolean
  /** Until the request's deadline. */
  remainingMs(): number
  /** Hears of every try. */
  onAttempt(attempt: Attempt): void
}

export interface ClientOptions {
  /** What the endpoint wants as a bearer key; none where it wants none. */
  readonly apiKey?: string | undefined
  /** Longest whole answer. */
  readonly answerBytes: number
  /** Default: none. */
  readonly proxies?: Proxies
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** What an endpoint names that doesn't take our question. */
const usageOption = /stream_options|include_usage/
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
 * Calls one agent's endpoint over connections that stay open. Tries again only before the first token, and only where that
 * can help; waits as long as the endpoint asks, if that leaves half of the time to the deadline, and no longer than a second
 * where another agent could be asked; leaves an agent alone that keeps failing.
 */
export class AgentClient {
  readonly name: string
  readonly model: string
  readonly #agent: TeamAgent
  readonly #options: ClientOptions
  readonly #dispatcher: Dispatcher
  readonly #origin: string
  readonly #path: string
  readonly #headers: readonly string[]
  readonly #breaker: AgentBreaker
  /** Where the team has it looked at. */
  readonly #probe: HealthProbe | null
  readonly #clock: Clock
  /** Until when the endpoint asked to be left alone, by the clock's `elapsedMs`. */
  #restsUntil = 0
  /** Whether the endpoint refuses requests that ask what a stream uses. */
  #refusesUsage = false

  constructor(agent: TeamAgent, options: ClientOptions) {
    this.name = agent.name
    this.model = agent.model ?? agent.name
    this.#agent = agent
    this.#options = options
    const url = new URL(agent.endpoint)
    const path = url.pathname.replace(/\/+$/, '')
    this.#path = `${path.endsWith('/chat/completions') ? path : `${path}/chat/completions`}${url.search}`
    this.#origin = url.origin
    this.#dispatcher = upstreamConnections(url, options.proxies ?? noProxies, agent.timeoutMs)
    this.#headers = [
      ...['content-type', 'application/json', 'user-agent', 'cadre', 'accept-encoding', 'identity'],
      ...(options.apiKey === undefined ? [] : ['authorization', `Bearer ${options.apiKey}`]),
    ]
    this.#clock = options.clock ?? machineClock
    this.#breaker = new AgentBreaker(agent.breaker, this.#clock)
    const { probe } = agent
    const look = probe && new EndpointLook(agent, probe, options.apiKey, options.proxies ?? noProxies)
    this.#probe = look === undefined ? null : new HealthProbe(probe!, look, this.#clock)
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
    await Promise.all([this.#dispatcher.destroy(), this.#probe?.close()])
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
      const answer = await limit.execute(() => this.#call(question, call.signal, release), question.signal)
      if (answer.kind === 'whole') release()
      heard('answered', 200, question.canAskUsage && this.#refusesUsage ? refusesUsage : null)
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

  async #call(question: Question, signal: AbortSignal, release: () => void): Promise<Answer> {
    const asks = question.canAskUsage && !this.#refusesUsage
    const said = await this.#post(question, asks, signal)
    if (!asks || !(await said.refuses(usageOption))) return this.#read(said, question, asks, release)
    const again = await this.#post(question, false, signal)
    const answer = await this.#read(again, question, false, release)
    // Known only now: an error may show all of the request, the option with it, and mean something else.
    this.#refusesUsage = true
    return answer
  }

  async #post({ body, headers }: Question, askUsage: boolean, signal: AbortSignal): Promise<UpstreamResponse> {
    const response = await this.#dispatcher.request({
      origin: this.#origin,
      method: 'POST',
      path: this.#path,
      headers: [...this.#headers, ...headers],
      body: body(askUsage),
      signal,
    })
    return new UpstreamResponse(response)
  }

  async #read(response: UpstreamResponse, question: Question, asked: boolean, release: () => void): Promise<Answer> {
    const { status, headers, type, content } = response
    if (status !== 200) {
      throw failureOf(status, retryAfterOf(headers, this.#clock.now()), await response.beginning())
    }
    const streams = type === 'text/event-stream'
    if (question.stream !== streams) {
      // Some tell an error as JSON where a stream was asked for.
      const told = readToldError(parseJson(await response.beginning()))
      if (told !== null) throw failureTold(told)
      const expected = question.stream ? 'text/event-stream' : 'application/json'
      throw new AgentFailure('garbage', `expected ${expected}, got ${type || 'no content type'}`, { status: 200 })
    }
    if (!streams) return this.#whole(content, type)
    const stream = new AnswerStream(content[Symbol.asyncIterator](), {
      stallMs: this.#agent.timeoutMs,
      clock: this.#clock,
      hideUsage: asked,
      onEnd: release,
    })
    await stream.begin()
    return { kind: 'stream', stream }
  }

  async #whole(body: AsyncIterable<Uint8Array>, type: string): Promise<Answer> {
    const { answerBytes } = this.#options
    const bytes = await readUpTo(body, answerBytes + 1)
    if (bytes.length > answerBytes) {
      throw new AgentFailure('garbage', `an answer of more than ${answerBytes} bytes`, { status: 200 })
    }
    const read = readAnswer(parseJson(bytes.toString('utf8')), 'message')
    if (read.kind === 'error') throw failureTold(read.error)
    if (read.kind !== 'completion') {
      throw new AgentFailure('garbage', `not a chat completion (${type || 'no content type'})`, { status: 200 })
    }
    const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    return { kind: 'whole', bytes: marked ? bytes.subarray(3) : bytes, usage: read.completion.usage }
  }
}
