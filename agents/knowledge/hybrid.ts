import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import { EmbeddingsEndpoint } from '../client/embeddings-endpoint.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Passage } from '../contract/agent.js'
import { type AgentResources, defineAgent } from '../contract/agent-entry.js'
import { accessOf, endpointFields } from '../contract/endpoint-fields.js'
import { baseOfFiles } from './base-of-files.js'
import { fuseRanks } from './fuse-ranks.js'
import { longestLookup, lookupFields } from './keywords.js'
import type { KnowledgeBase } from './knowledge-base.js'

const { unit: _, ...lookup } = lookupFields
const { price: _price, ...endpoint } = endpointFields

const hybridConfig = z.strictObject({
  ...lookup,
  ...endpoint,
  timeoutMs: z.int().min(1).max(3_600_000).default(10_000).describe('for the vectors of one batch'),
  batch: z.int().min(1).max(2048).default(64).describe('passages that are sent at once'),
  weight: z.number().gt(0).max(10).default(1).describe('what the ranking by vectors counts beside that by words'),
})

type HybridConfig = z.infer<typeof hybridConfig>

/** Candidates of each ranking. */
const depth = 50

/** Looks a question up by its words and by the meaning of an embeddings endpoint; both rankings become one. */
export const hybrid = defineAgent<HybridConfig>({
  name: 'hybrid',
  aliases: ['embeddings'],
  summary: 'looks up passages by words and by embeddings of any OpenAI-compatible endpoint, ranks fused',
  schema: hybridConfig,
  files: ({ documents }) => documents,
  create: (config, resources) => new HybridAgent(config, resources),
})

class HybridAgent implements Agent {
  readonly card
  readonly #config: HybridConfig
  readonly #base: KnowledgeBase
  readonly #endpoint: EmbeddingsEndpoint
  readonly #closing = new AbortController()
  /** Vectors of all passages: asked for once, with the first question; again where that failed. */
  #vectors: Promise<readonly Float32Array[]> | null = null
  readonly #passages: readonly Passage[]

  constructor(config: HybridConfig, resources: AgentResources) {
    this.#config = config
    this.#base = baseOfFiles(config, resources.files)
    this.#passages = this.#base.passages()
    this.#endpoint = new EmbeddingsEndpoint(
      { ...config, name: resources.name },
      { ...accessOf(config.apiKey, resources), clock: resources.clock },
    )
    resources.calls(this.#endpoint.client)
    this.card = {
      name: resources.name,
      summary: `looks up ${this.#base.size} passages by words and by ${config.model}`,
      adds: ['passages'] as const,
      needs: [],
      // The same words give the same vectors.
      repeats: true,
      longestQuestion: longestLookup,
    }
  }

  async handle({ question }: AgentRequest, { signal, trace }: Call): Promise<AgentAnswer> {
    const { name } = this.card
    if (signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    const [all, [asked]] = await Promise.all([this.#passageVectors(), this.#endpoint.embed([question], signal)])
    if (asked!.length !== all[0]!.length) {
      throw new AgentFailure('garbage', `${name}: vectors of ${asked!.length} numbers beside some of ${all[0]!.length}`)
    }
    const similar = all
      .map((vector, k) => ({ k, similarity: dot(vector, asked!) }))
      .sort((x, y) => y.similarity - x.similarity)
    const byId = new Map(this.#passages.map((passage) => [passage.id, passage]))
    const words = this.#base.search(question, depth).map(({ id }) => id)
    const meaning = similar.slice(0, depth).map(({ k }) => this.#passages[k]!.id)
    const fused = fuseRanks([
      { keys: words, weight: 1 },
      { keys: meaning, weight: this.#config.weight },
    ]).slice(0, this.#config.top)
    const passages = fused.map(({ key, score }): Passage => ({ ...byId.get(key)!, score }))
    const first = passages[0]!
    // Both rankings agree, or one of them stands alone; `cadre calibrate` tells what it is worth.
    const agree = (words[0] === first.id ? 0.5 : 0) + (meaning[0] === first.id ? 0.5 : 0)
    const coverage = this.#base.coverage(question, `${first.source.title ?? ''} ${first.text}`)
    const confidence = 0.2 + 0.5 * agree + 0.3 * coverage
    trace('looked up', { passages: passages.length, confidence })
    return { found: { passages }, confidence, costUsd: 0, provenance: passages.map(({ source }) => source) }
  }

  isUp(): boolean {
    return this.#endpoint.client.closedForMs === 0
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#endpoint.close()
  }

  /** Goes on when the call that began it is given up: the next question needs them, too. */
  #passageVectors(): Promise<readonly Float32Array[]> {
    this.#vectors ??= this.#embedAll().catch((error: unknown) => {
      this.#vectors = null
      throw error
    })
    return this.#vectors
  }

  async #embedAll(): Promise<readonly Float32Array[]> {
    const { batch } = this.#config
    const vectors: Float32Array[] = []
    for (let k = 0; k < this.#passages.length; k += batch) {
      const texts = this.#passages.slice(k, k + batch).map(({ text, source }) => `${source.title ?? ''}\n${text}`)
      vectors.push(...(await this.#endpoint.embed(texts, this.#closing.signal)))
    }
    return vectors
  }
}

function dot(x: Float32Array, y: Float32Array): number {
  let sum = 0
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!
  return sum
}
