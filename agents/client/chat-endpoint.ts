import { AgentFailure } from './agent-failure.js'
import type { Answer } from './answer.js'
import { AnswerStream } from './answer-stream.js'
import { failureOf, failureTold } from './classify-status.js'
import type { Clock } from './clock.js'
import { parseJson, readAnswer } from './completion.js'
import { type Endpoint, EndpointConnections, type EndpointOptions, type EndpointQuestion } from './endpoint.js'
import { retryAfterOf } from './retry-after.js'
import { readToldError } from './upstream-error.js'
import { readUpTo, type UpstreamResponse } from './upstream-response.js'

/** What an endpoint names that doesn't take our question. */
const usageOption = /stream_options|include_usage/

/**
 * An agent's endpoint for chat completions: puts a question to it over connections that stay open, and reads what it answers. Knows
 * what its streams use, unless it refuses to say.
 */
export class ChatEndpoint implements Endpoint {
  readonly #connections: EndpointConnections
  /** How long a stream may pause, in ms. */
  readonly #stallMs: number
  readonly #answerBytes: number
  readonly #clock: Clock
  #refusesUsage = false

  /** @param url - of an OpenAI-compatible API @param timeoutMs - for a connection, and for a pause of a stream */
  constructor(url: string, timeoutMs: number, options: EndpointOptions) {
    this.#connections = new EndpointConnections(url, '/chat/completions', timeoutMs, options)
    this.#stallMs = timeoutMs
    this.#answerBytes = options.answerBytes
    this.#clock = options.clock
  }

  get refusesUsage(): boolean {
    return this.#refusesUsage
  }

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

  async close(): Promise<void> {
    await this.#connections.close()
  }

  #post({ body, headers }: EndpointQuestion, askUsage: boolean, signal: AbortSignal): Promise<UpstreamResponse> {
    return this.#connections.post(body(askUsage), headers, signal)
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
