import { AgentFailure } from './agent-failure.js'
import type { Answer } from './answer.js'
import { failureOf } from './classify-status.js'
import { type Endpoint, EndpointConnections, type EndpointOptions, type EndpointQuestion } from './endpoint.js'
import { retryAfterOf } from './retry-after.js'
import { readUpTo } from './upstream-response.js'

/** What a status other than 200 means: see `failureOf`. */
export type StatusReader = typeof failureOf

/** An endpoint that takes JSON and gives JSON back, whole. Whoever asks reads what it says. */
export class JsonEndpoint implements Endpoint {
  readonly refusesUsage = false
  readonly #connections: EndpointConnections
  readonly #options: EndpointOptions
  readonly #failure: StatusReader

  /** @param path - what is added to the URL, where it doesn't end so */
  constructor(
    url: string,
    path: string,
    timeoutMs: number,
    options: EndpointOptions,
    failure: StatusReader = failureOf,
  ) {
    this.#connections = new EndpointConnections(url, path, timeoutMs, options)
    this.#options = options
    this.#failure = failure
  }

  async ask({ body, headers: more }: EndpointQuestion, signal: AbortSignal): Promise<Answer> {
    const { clock, answerBytes } = this.#options
    const response = await this.#connections.post(body(false), more, signal)
    const { status, headers, content } = response
    if (status !== 200) {
      throw this.#failure(status, retryAfterOf(headers, clock.now()), await response.beginning())
    }
    const bytes = await readUpTo(content, answerBytes + 1)
    if (bytes.length > answerBytes) {
      throw new AgentFailure('garbage', `an answer of more than ${answerBytes} bytes`, { status: 200 })
    }
    return { kind: 'whole', bytes, usage: null }
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }
}
