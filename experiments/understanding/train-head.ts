import { resolve } from 'node:path'
import { machineClock } from '#agents/client/clock.js'
import { EmbeddingsEndpoint } from '#agents/client/embeddings-endpoint.js'
import { proxiesOf } from '#agents/contract/endpoint-fields.js'
import { trainHead } from '#agents/llm/head.js'
import { teamAgentSchema } from '#agents/team/team-schema.js'
import type { Example } from '#agents/understanding/example.js'
import { StorageError, UsageError } from '#env/errors.js'
import { writeFileAtomically } from '#results/store/atomic-write.js'

export interface TrainHeadSettings {
  readonly out: string
  readonly endpoint: string
  readonly model: string
  /** Environment variable that holds the key of the endpoint. */
  readonly keyEnv?: string
  readonly cost: number
  readonly env: { readonly [name: string]: string | undefined }
}

/** What `cadre understand train-head --json` prints. */
export interface TrainedHead {
  readonly head: string
  readonly bytes: number
  /** Null: none of the known intents. */
  readonly labels: readonly (string | null)[]
  /** Of a vector. */
  readonly size: number
  readonly sentences: number
  /** On sentences held out, 0..1. */
  readonly accuracy: number | null
}

/** Sentences that are sent at once. */
const batch = 64

/**
 * Trains a head on the embeddings of sentences and writes it.
 * @throws UsageError where the endpoint is none; StorageError where it gives no vectors; ConfigError where there is nothing to tell apart
 */
export async function trainHeadOf(
  examples: readonly Example[],
  { out, endpoint: given, model, keyEnv, cost, env }: TrainHeadSettings,
): Promise<TrainedHead> {
  const parsed = teamAgentSchema.shape.endpoint.safeParse(given)
  if (!parsed.success) throw new UsageError(`cadre understand: --endpoint: ${parsed.error.issues[0]!.message}`)
  const embeddings = new EmbeddingsEndpoint(
    { name: model, endpoint: parsed.data, model, timeoutMs: 60_000 },
    { ...access(keyEnv, env), clock: machineClock },
  )
  const vectors: Float32Array[] = []
  try {
    for (let k = 0; k < examples.length; k += batch) {
      const texts = examples.slice(k, k + batch).map(({ text }) => text)
      vectors.push(...(await embeddings.embed(texts, new AbortController().signal)))
    }
  } catch (error) {
    const message = `no embeddings from ${embeddings.client.replicas.join(', ')}: ${(error as Error).message}`
    throw new StorageError(message, { cause: error, exitCode: 2 })
  } finally {
    await embeddings.close()
  }
  const intents = examples.map(({ intent }) => intent)
  const head = trainHead(vectors, intents, { embeddings: model, cost })
  const bytes = head.encode()
  writeFileAtomically(resolve(out), bytes)
  const { labels, size, training } = head.description
  return { head: out, bytes: bytes.length, labels, size, sentences: examples.length, accuracy: training.accuracy }
}

/** @throws UsageError where a variable holds no key, or names no proxy */
function access(keyEnv: string | undefined, env: TrainHeadSettings['env']) {
  const apiKey = keyEnv === undefined ? undefined : env[keyEnv]
  if (keyEnv !== undefined && (apiKey === undefined || apiKey === '')) {
    throw new UsageError(
      `cadre understand: --key-env: the environment variable ${keyEnv} is not set; set it, or leave it out`,
    )
  }
  try {
    return { apiKey, proxies: proxiesOf((variable) => env[variable]) }
  } catch (error) {
    throw new UsageError(`cadre understand: ${(error as Error).message}`)
  }
}
