import {
  BrokenCircuitError,
  DelegateBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel'
import { Pool } from 'undici'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentBreaker } from './agent-breaker.js'
import { AgentFailure, type AttemptOutcome } from './agent-failure.js'
import type { Answer } from './answer.js'
import { AnswerStream } from './answer-stream.js'
import { failureOf, failureTold } from './classify-status.js'
import { type Clock, machineClock } from './clock.js'
import { parseJson, readAnswer } from './completion.js'
import { decoded } from './decode-content.js'
import { retryAfterOf } from './retry-after.js'
import { unlessAborted } from './unless-aborted.js'
import { readToldError } from './upstream-error.js'

/** One try at one agent, for the decision log. */
export interface Attempt {
  readonly agent: string
  readonly outcome: AttemptOutcome
  readonly ms: number
  readonly status: number | null
  /** Why it failed, in a line, with the endpoint's own words; null where it answered. May hold keys until they are taken out. */
  readonly detail: string | null
}

/** What an agent is asked. */
export interface Question {
  /** The request as JSON, with the agent's own model name. */
  readonly body: string
  readonly stream: boolean
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
  /** Default: the machine's. */
  readonly clock?: Clock
}

const errorBytes = 16_384
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
  readonly #pool: Pool
  readonly #path: string
  readonly #headers: Record<string, string>
  readonly #breaker: AgentBreaker
  readonly #clock: Clock
  /** Until when the endpoint asked to be left alone, by the clock's `elapsedMs`. */
  #restsUntil = 0

  constructor(agent: TeamAgent, options: ClientOptions) {
    this.name = agent.name
    this.model = agent.model ?? agent.name
    this.#agent = agent
    this.#options = options
    const url = new URL(agent.endpoint)
    const path = url.pathname.replace(/\/+$/, '')
    this.#path = `${path.endsWith('/chat/completions') ? path : `${path}/chat/completions`}${url.search}`
    this.#pool = new Pool(url.origin, {
      connect: { timeout: agent.timeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
    })
    this.#headers = {
      'content-type': 'application/json',
      'user-agent': 'cadre',
      'accept-encoding': 'identity',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    }
    this.#clock = options.clock ?? machineClock
    this.#breaker = new AgentBreaker(agent.breaker, this.#clock)
  }

  /** closed: it is called; open: it is left alone; half-open: one request is testing it. */
  get breaker(): AgentBreaker['state'] {
    return this.#breaker.state
  }

  /** Until it may be tried again; 0 when it may be called now. */
  get closedForMs(): number {
    return Math.max(this.#breaker.closedForMs, this.restsForMs)
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
    await this.#pool.destroy()
  }

  #notAsked(question: Question): AgentFailure {
    const rests = this.restsForMs > 0
    const outcome = rests ? 'rate-limited' : 'breaker-open'
    const detail = rests ? 'it asked to be left alone for a while' : 'it failed too often of late'
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
      heard('answered', 200, null)
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
    return new AgentFailure('connection', code ?? message, { cause: error })
  }

  async #call(question: Question, signal: AbortSignal, release: () => void): Promise<Answer> {
    const { statusCode, headers, body } = await this.#pool.request({
      method: 'POST',
      path: this.#path,
      headers: this.#headers,
      body: question.body,
      signal,
    })
    // What goes wrong with a body after it was left is of no interest.
    body.on('error', () => undefined)
    const content = decoded(body, headers['content-encoding'])
    if (statusCode !== 200) {
      const said = await readUpTo(content, errorBytes)
      throw failureOf(statusCode, retryAfterOf(headers, this.#clock.now()), said.toString('utf8'))
    }
    const type = String(headers['content-type'] ?? '')
      .split(';')[0]!
      .trim()
      .toLowerCase()
    const streams = type === 'text/event-stream'
    if (question.stream !== streams) {
      // Some tell an error as JSON where a stream was asked for.
      const told = readToldError(parseJson((await readUpTo(content, errorBytes)).toString('utf8')))
      if (told !== null) throw failureTold(told)
      const expected = question.stream ? 'text/event-stream' : 'application/json'
      throw new AgentFailure('garbage', `expected ${expected}, got ${type || 'no content type'}`, { status: 200 })
    }
    if (!streams) return this.#whole(content, type)
    const stream = new AnswerStream(content[Symbol.asyncIterator](), {
      stallMs: this.#agent.timeoutMs,
      clock: this.#clock,
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

/** The first bytes of a body; the rest is left, and its connection with it. */
async function readUpTo(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    parts.push(part)
    length += part.length
    if (length >= limit) break
  }
  return Buffer.concat(parts).subarray(0, limit)
}
