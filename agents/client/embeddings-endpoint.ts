import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { AgentFailure } from './agent-failure.js'
import { failureOf } from './classify-status.js'
import type { Clock } from './clock.js'
import { parseJson } from './completion.js'
import { retryAfterOf } from './retry-after.js'
import { type Proxies, upstreamConnections } from './upstream-connections.js'
import { readUpTo, UpstreamResponse } from './upstream-response.js'

/** Where texts become vectors. */
export interface EmbeddingsSettings {
  /** URL of an OpenAI-compatible API, up to what /embeddings is added to. */
  readonly endpoint: string
  readonly model: string
  readonly timeoutMs: number
}

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0).optional(), embedding: z.array(z.number()).min(1) })).min(1),
})

const answerBytes = 268_435_456

/** An OpenAI-compatible endpoint for embeddings. */
export class EmbeddingsEndpoint {
  readonly #settings: EmbeddingsSettings
  readonly #connections: Dispatcher
  readonly #url: URL
  readonly #headers: readonly string[]
  readonly #clock: Clock

  constructor(settings: EmbeddingsSettings, options: { apiKey: string | undefined; proxies: Proxies; clock: Clock }) {
    const { apiKey, proxies, clock } = options
    this.#settings = settings
    const url = new URL(settings.endpoint)
    const path = url.pathname.replace(/\/+$/, '')
    url.pathname = path.endsWith('/embeddings') ? path : `${path}/embeddings`
    this.#url = url
    this.#connections = upstreamConnections(url, proxies, settings.timeoutMs)
    this.#clock = clock
    this.#headers = [
      ...['content-type', 'application/json', 'user-agent', 'cadre', 'accept-encoding', 'identity'],
      ...(apiKey === undefined ? [] : ['authorization', `Bearer ${apiKey}`]),
    ]
  }

  /**
   * Vectors of length 1, one a text.
   * @param texts - at least one
   * @throws AgentFailure where the endpoint gives none
   */
  async embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const own = new AbortController()
    const give = () => own.abort()
    if (signal.aborted) throw new AgentFailure('aborted', 'given up')
    signal.addEventListener('abort', give, { once: true })
    let late = false
    const cancel = this.#clock.later(this.#settings.timeoutMs, () => {
      late = true
      own.abort()
    })
    try {
      return await this.#ask(texts, own.signal)
    } catch (error) {
      if (signal.aborted) throw new AgentFailure('aborted', 'given up', { cause: error })
      if (late) throw new AgentFailure('timeout', `no embeddings in ${this.#settings.timeoutMs} ms`, { cause: error })
      if (error instanceof AgentFailure) throw error
      const { code, message } = error as NodeJS.ErrnoException
      throw new AgentFailure('connection', code ?? message, { cause: error })
    } finally {
      cancel()
      signal.removeEventListener('abort', give)
    }
  }

  async close(): Promise<void> {
    await this.#connections.destroy()
  }

  async #ask(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const response = new UpstreamResponse(
      await this.#connections.request({
        origin: this.#url.origin,
        method: 'POST',
        path: `${this.#url.pathname}${this.#url.search}`,
        headers: [...this.#headers],
        body: JSON.stringify({ model: this.#settings.model, input: texts }),
        signal,
      }),
    )
    const { status, headers, content } = response
    if (status !== 200) throw failureOf(status, retryAfterOf(headers, this.#clock.now()), await response.beginning())
    const parsed = answerSchema.safeParse(parseJson((await readUpTo(content, answerBytes)).toString('utf8')))
    if (!parsed.success) throw new AgentFailure('garbage', 'not a list of embeddings', { status: 200 })
    const vectors: (Float32Array | undefined)[] = Array.from({ length: texts.length })
    parsed.data.data.forEach(({ index, embedding }, k) => {
      vectors[index ?? k] = unit(embedding)
    })
    const size = vectors[0]?.length
    if (vectors.length !== texts.length || vectors.some((vector) => vector === undefined || vector.length !== size)) {
      throw new AgentFailure('garbage', `expected ${texts.length} embeddings of one length`, { status: 200 })
    }
    return vectors as Float32Array[]
  }
}

/** The vector at length 1; one of zeros stays. */
function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector)
  return Float32Array.from(vector, (value) => (length > 0 ? value / length : 0))
}
