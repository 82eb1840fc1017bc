import type { Dispatcher } from 'undici'
import { AgentFailure } from './agent-failure.js'
import { parseJson } from './completion.js'
import type { Look, ProbeSettings } from './health-probe.js'
import { type Proxies, upstreamConnections } from './upstream-connections.js'
import { readToldError } from './upstream-error.js'
import { readUpTo, UpstreamResponse } from './upstream-response.js'

/** Longest list of models. */
const modelsBytes = 1_048_576

/**
 * Looks at an endpoint over a connection of its own: a 2xx is well, and of a list of models JSON is expected. The agent's key goes to
 * its own endpoint only.
 */
export class EndpointLook implements Look {
  readonly #dispatcher: Dispatcher
  readonly #url: URL
  readonly #headers: string[]

  constructor(base: string, { path, timeoutMs }: ProbeSettings, apiKey: string | undefined, proxies: Proxies) {
    const endpoint = new URL(base)
    const own = endpoint.pathname.replace(/\/chat\/completions$/, '')
    this.#url = new URL(path.startsWith('/') ? `${endpoint.origin}${own}${path}` : path)
    this.#dispatcher = upstreamConnections(this.#url, proxies, timeoutMs)
    const isOwn = apiKey !== undefined && this.#url.origin === endpoint.origin
    this.#headers = [
      ...['user-agent', 'cadre', 'accept', 'application/json', 'accept-encoding', 'identity'],
      ...(isOwn ? ['authorization', `Bearer ${apiKey}`] : []),
    ]
  }

  /** @throws AgentFailure saying what is wrong; what undici throws where there is no connection */
  async look(signal: AbortSignal): Promise<void> {
    const { origin, pathname, search } = this.#url
    const path = `${pathname}${search}`
    const response = await this.#dispatcher.request({ origin, method: 'GET', path, headers: this.#headers, signal })
    const { status, type, content } = new UpstreamResponse(response)
    const bytes = await readUpTo(content, modelsBytes)
    if (status < 200 || status > 299) throw new AgentFailure('server-error', `HTTP ${status}`, { status })
    if (!pathname.endsWith('/models')) return
    const json = parseJson(bytes.toString('utf8'))
    if (readToldError(json) !== null) throw new AgentFailure('server-error', 'it tells an error with status 200')
    if (typeof json !== 'object' || json === null) {
      throw new AgentFailure('garbage', `expected a list of models as JSON, got ${type || 'no content type'}`)
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }
}
