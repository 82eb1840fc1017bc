import type { Dispatcher } from 'undici'
import type { TeamAgent } from '../team/team-schema.js'
import { AgentFailure } from './agent-failure.js'
import type { Answer } from './answer.js'
import { AnswerStream } from './answer-stream.js'
import { failureOf, failureTold } from './classify-status.js'
import type { Clock } from './clock.js'
import { parseJson, readAnswer } from './completion.js'
import { retryAfterOf } from './retry-after.js'
import { type Proxies, upstreamConnections } from './upstream-connections.js'
import { readToldError } from './upstream-error.js'
import { readUpTo, UpstreamResponse } from './upstream-response.js'

/** What an endpoint is asked. */
export interface EndpointQuestion {
  /** The request as JSON, with the agent's own model name; with the question what a stream uses, where `canAskUsage` says so. */
  body(askUsage: boolean): string
  /** Whether the client leaves it to us to ask what its stream uses; it then doesn't hear of it. */
  readonly canAskUsage: boolean
  readonly stream: boolean
  /** More headers for the endpoint: names and values in turns. */
  readonly headers: readonly string[]
}

export interface EndpointOptions {
  /** What the endpoint wants as a bearer key; none where it wants none. */
  readonly apiKey: string | undefined
  /** Longest whole answer. */
  readonly answerBytes: number
  readonly proxies: Proxies
  readonly clock: Clock
}

/** What an endpoint names that doesn't take our question. */
const usageOption = /stream_options|include_usage/

/**
 * An agent's endpoint for chat completions: puts a question to it over connections that stay open, and reads what it answers. Knows
 * what its streams use, unless it refuses to say.
 */
export class ChatEndpoint {
  readonly #connections: Dispatcher
  readonly #origin: string
  readonly #path: string
  readonly #headers: readonly string[]
  /** How long a stream may pause, in ms. */
  readonly #stallMs: number
  readonly #answerBytes: number
  readonly #clock: Clock
  #refusesUsage = false

  constructor({ endpoint, timeoutMs }: TeamAgent, { apiKey, answerBytes, proxies, clock }: EndpointOptions) {
    const url = new URL(endpoint)
    const path = url.pathname.replace(/\/+$/, '')
    this.#path = `${path.endsWith('/chat/completions') ? path : `${path}/chat/completions`}${url.search}`
    this.#origin = url.origin
    this.#connections = upstreamConnections(url, proxies, timeoutMs)
    this.#headers = [
      ...['content-type', 'application/json', 'user-agent', 'cadre', 'accept-encoding', 'identity'],
      ...(apiKey === undefined ? [] : ['authorization', `Bearer ${apiKey}`]),
    ]
    this.#stallMs = timeoutMs
    this.#answerBytes = answerBytes
    this.#clock = clock
  }

  /** Whether it refuses requests that ask what a stream uses. */
  get refusesUsage(): boolean {
    return this.#refusesUsage
  }

  /**
   * Puts a question to it, once.
   * @param signal - breaks it off, also in the midst of a stream
   * @param ended - called when the answer is a stream and that is over
   * @returns the answer, whole or with its first token
   * @throws AgentFailure when it gives none; what undici throws where there is no connection
   */
  async ask(question: EndpointQuestion, signal: AbortSignal, ended: () => void): Promise<Answer> {
    const asks = question.canAskUsage && !this.#refusesUsage
    const said = await this.#post(question, asks, signal)
    if (!asks || !(await said.refuses(usageOption))) return this.#read(said, question, asks, ended)
    const again = await this.#post(question, false, signal)
    const answer = await this.#read(again, question, false, ended)
    // Known only now: an error may show all of the request, the option with it, and mean something else.
    this.#refusesUsage = true
    return answer
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#connections.destroy()
  }

  async #post({ body, headers }: EndpointQuestion, askUsage: boolean, signal: AbortSignal): Promise<UpstreamResponse> {
    const response = await this.#connections.request({
      origin: this.#origin,
      method: 'POST',
      path: this.#path,
      headers: [...this.#headers, ...headers],
      body: body(askUsage),
      signal,
    })
    return new UpstreamResponse(response)
  }

  async #read(
    response: UpstreamResponse,
    question: EndpointQuestion,
    asked: boolean,
    ended: () => void,
  ): Promise<Answer> {
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
      stallMs: this.#stallMs,
      clock: this.#clock,
      hideUsage: asked,
      onEnd: ended,
    })
    await stream.begin()
    return { kind: 'stream', stream }
  }

  async #whole(body: AsyncIterable<Uint8Array>, type: string): Promise<Answer> {
    const limit = this.#answerBytes
    const bytes = await readUpTo(body, limit + 1)
    if (bytes.length > limit) {
      throw new AgentFailure('garbage', `an answer of more than ${limit} bytes`, { status: 200 })
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
