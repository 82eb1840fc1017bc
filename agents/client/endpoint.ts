import type { Dispatcher } from 'undici'
import type { Answer } from './answer.js'
import type { Clock } from './clock.js'
import { type Proxies, upstreamConnections } from './upstream-connections.js'
import { UpstreamResponse } from './upstream-response.js'

/** What an endpoint is asked. */
export interface EndpointQuestion {
  /** The request as JSON, with the agent's own model name; with the question what a stream uses, where `askUsage` says so. */
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

/** Something at a URL that answers questions. */
export interface Endpoint {
  /** Whether it refuses requests that ask what a stream uses. */
  readonly refusesUsage: boolean
  /**
   * Puts a question to it, once.
   * @param signal - breaks it off, also in the midst of a stream
   * @param ended - called when the answer is a stream and that is over
   * @returns the answer, whole or with its first token
   * @throws AgentFailure when it gives none; what undici throws where there is no connection
   */
  ask(question: EndpointQuestion, signal: AbortSignal, ended: () => void): Promise<Answer>
  /** Closes the connections. */
  close(): Promise<void>
}

/** Connections to one address, for JSON requests. */
export class EndpointConnections {
  readonly #connections: Dispatcher
  readonly #origin: string
  readonly #path: string
  readonly #headers: readonly string[]

  /**
   * @param base - URL of an API
   * @param path - what is added to it, where it doesn't end so
   * @param connectMs - for a connection to be made
   */
  constructor(
    base: string,
    path: string,
    connectMs: number,
    { apiKey, proxies }: Pick<EndpointOptions, 'apiKey' | 'proxies'>,
  ) {
    const url = new URL(base)
    const own = url.pathname.replace(/\/+$/, '')
    this.#path = `${own.endsWith(path) ? own : `${own}${path}`}${url.search}`
    this.#origin = url.origin
    this.#connections = upstreamConnections(url, proxies, connectMs)
    this.#headers = [
      ...['content-type', 'application/json', 'user-agent', 'cadre', 'accept-encoding', 'identity'],
      ...(apiKey === undefined ? [] : ['authorization', `Bearer ${apiKey}`]),
    ]
  }

  /** Sends a body. @throws what undici throws where there is no connection */
  async post(body: string, headers: readonly string[], signal: AbortSignal): Promise<UpstreamResponse> {
    const response = await this.#connections.request({
      origin: this.#origin,
      method: 'POST',
      path: this.#path,
      headers: [...this.#headers, ...headers],
      body,
      signal,
    })
    return new UpstreamResponse(response)
  }

  async close(): Promise<void> {
    await this.#connections.destroy()
  }
}
