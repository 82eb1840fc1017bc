import { z } from 'zod'
import { teamAgentSchema } from '../team/team-schema.js'
import { AgentClient } from './agent-client.js'
import { AgentFailure } from './agent-failure.js'
import { askWhole } from './ask-whole.js'
import type { Clock } from './clock.js'
import { JsonEndpoint } from './json-endpoint.js'
import type { Proxies } from './upstream-connections.js'

/** Where texts become vectors. */
export interface EmbeddingsSettings {
  /** What its failures are told by. */
  readonly name: string
  /** URL of an OpenAI-compatible API, up to what /embeddings is added to; or one of each replica. */
  readonly endpoint: string | string[]
  readonly model: string
  readonly timeoutMs: number
}

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0).optional(), embedding: z.array(z.number()).min(1) })).min(1),
})

const answerBytes = 268_435_456

/** An OpenAI-compatible endpoint for embeddings. It is left alone when it keeps failing, as any agent is. */
export class EmbeddingsEndpoint {
  readonly client: AgentClient
  readonly #timeoutMs: number
  readonly #clock: Clock

  constructor(settings: EmbeddingsSettings, options: { apiKey: string | undefined; proxies: Proxies; clock: Clock }) {
    const { name, endpoint, model, timeoutMs } = settings
    this.client = new AgentClient(
      teamAgentSchema.parse({ name, endpoint, model, timeoutMs, retries: 0 }),
      { ...options, answerBytes },
      (url, connectMs, own) => new JsonEndpoint(url, '/embeddings', connectMs, own),
    )
    this.#timeoutMs = timeoutMs
    this.#clock = options.clock
  }

  /**
   * Vectors of length 1, one a text.
   * @param texts - at least one
   * @throws AgentFailure where the endpoint gives none
   */
  async embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    if (signal.aborted) throw new AgentFailure('aborted', 'given up')
    const body = JSON.stringify({ model: this.client.model, input: texts })
    const deadline = this.#clock.elapsedMs() + this.#timeoutMs
    const { json } = await askWhole(this.client, {
      body: () => body,
      signal,
      remainingMs: () => deadline - this.#clock.elapsedMs(),
    })
    const parsed = answerSchema.safeParse(json)
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

  async close(): Promise<void> {
    await this.client.close()
  }
}

/** The vector at length 1; one of zeros stays. */
function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector)
  return Float32Array.from(vector, (value) => (length > 0 ? value / length : 0))
}
