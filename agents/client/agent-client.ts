import {
  BrokenCircuitError,
  DelegateBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel'
import { type Dispatcher, Pool } from 'undici'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentBreaker } from './agent-breaker.js'
import { AgentFailure, type AttemptOutcome } from './agent-failure.js'
import type { Answer } from './answer.js'
import { AnswerStream } from './answer-stream.js'
import { failureOf } from './classify-status.js'
import { parseJson, readCompletion } from './completion.js'

/** One try at one agent, for the decision log. */
export interface Attempt {
  readonly agent: string
  readonly outcome: AttemptOutcome
  readonly ms: number
  readonly status: number | null
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

  constructor(agent: TeamAgent, options: ClientOptions) {
    this.name = agent.name
    this.model = agent.model ?? agent.name
    this.#agent = agent
    this.#options = options
    const url = new URL(agent.endpoint)
    this.#path = `${url.pathname}/chat/completions`
    this.#pool = new Pool(url.origin, {
      connect: { timeout: agent.timeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
    })
    this.#headers = {
      'content-type': 'application/json',
      'user-agent': 'cadre',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    }
    this.#breaker = new AgentBreaker(agent.breaker)
  }

  /** closed: it is called; open: it is left alone; half-open: one request is testing it. */
  get breaker(): AgentBreaker['state'] {
    return this.#breaker.state
  }

  /** Until it may be tried again; 0 when it may be called now. */
  get closedForMs(): number {
    return this.#breaker.closedForMs
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
    question.onAttempt({ agent: this.name, outcome: 'breaker-open', ms: 0, status: null })
    return new AgentFailure('breaker-open', 'it failed too often of late', { retryAfterMs: this.closedForMs })
  }

  /** One try, with its line for the log. */
  async #once(question: Question): Promise<Answer> {
    if (question.signal.aborted) throw new AgentFailure('aborted', 'given up')
    const began = performance.now()
    const heard = (outcome: AttemptOutcome, status: number | null) =>
      question.onAttempt({ agent: this.name, outcome, ms: Math.round(10 * (performance.now() - began)) / 10, status })
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
      heard('answered', 200)
      return answer
    } catch (error) {
      release()
      call.abort()
      const failure = this.#explain(error, question)
      heard(failure.outcome, failure.status)
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
    if (statusCode !== 200) {
      const said = await readUpTo(body, errorBytes)
      const retryAfter = headers['retry-after']
      throw failureOf(
        statusCode,
        Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
        said.toString('utf8'),
        Date.now(),
      )
    }
    const type = String(headers['content-type'] ?? '')
      .split(';')[0]!
      .trim()
      .toLowerCase()
    const expected = question.stream ? 'text/event-stream' : 'application/json'
    if (type !== expected) {
      body.destroy()
      throw new AgentFailure('garbage', `expected ${expected}, got ${type || 'no content type'}`, {
        status: statusCode,
      })
    }
    if (!question.stream) return this.#whole(body)
    const stream = new AnswerStream(body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>, {
      stallMs: this.#agent.timeoutMs,
      onEnd: release,
    })
    await stream.begin()
    return { kind: 'stream', stream }
  }

  async #whole(body: Dispatcher.ResponseData['body']): Promise<Answer> {
    const { answerBytes } = this.#options
    const bytes = await readUpTo(body, answerBytes + 1)
    if (bytes.length > answerBytes) {
      throw new AgentFailure('garbage', `an answer of more than ${answerBytes} bytes`, { status: 200 })
    }
    const completion = readCompletion(parseJson(bytes.toString('utf8')), 'message')
    if (completion === null) throw new AgentFailure('garbage', 'not a chat completion', { status: 200 })
    return { kind: 'whole', bytes, usage: completion.usage }
  }
}

/**
 * Waits no longer than somebody wants the answer: neither for a pause between tries nor for another request's test of the
 * agent. A stream that comes too late is left.
 */
async function unlessAborted(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  let abort = () => undefined as unknown
  let aborted = false
  const leave = new Promise<never>((_, reject) => {
    abort = () => {
      aborted = true
      // Not at once: a try that is given up notes that first.
      setImmediate(() => reject(new AgentFailure('aborted', 'given up')))
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  const late = (one: Answer) => {
    if (aborted && one.kind === 'stream') one.stream.close()
  }
  answer.then(late, () => undefined)
  try {
    return await Promise.race([answer, leave])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The first bytes of a body; the rest is left, and its connection with it. */
async function readUpTo(body: Dispatcher.ResponseData['body'], limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body as AsyncIterable<Uint8Array>) {
    parts.push(part)
    length += part.length
    if (length >= limit) break
  }
  return Buffer.concat(parts).subarray(0, limit)
}
