import { z } from 'zod'
import { AgentClient } from '../client/agent-client.js'
import { type Proxies, readProxies } from '../client/upstream-connections.js'
import { teamAgentSchema } from '../team/team-schema.js'
import type { AgentResources } from './agent-entry.js'

const { endpoint, apiKey, price } = teamAgentSchema.shape

/** Settings of an agent that stands on an OpenAI-compatible endpoint. */
export const endpointFields = {
  endpoint: endpoint.describe(
    'URL of an OpenAI-compatible API, mostly ending in /v1; or a list of them, one a replica',
  ),
  model: z.string().min(1).describe('what the endpoint calls the model'),
  apiKey: apiKey.describe('the key that the endpoint wants, by the environment variable that holds it'),
  price: price.describe('what its tokens cost, for budgets and logs; default: nothing'),
}

/** Settings of an agent that has a model write. */
export const writerFields = {
  ...endpointFields,
  timeoutMs: z.int().min(1).max(3_600_000).default(30_000).describe('for a whole answer'),
  retries: z.int().min(0).max(10).default(1).describe('on a broken connection, 429 and 5xx'),
  temperature: z.number().min(0).max(2).default(0),
  maxTokens: z.int().min(1).max(1_000_000).default(500).describe('most tokens of an answer'),
  jsonMode: z.boolean().default(true).describe('ask the endpoint for JSON; switch it off where that is refused'),
}

type WriterSettings = z.infer<z.ZodObject<typeof writerFields>>

/** Most bytes of an answer of a model. */
const answerBytes = 16_777_216

/** The model that an agent's settings name; the team is told of it. @throws Error where its key isn't set */
export function writerClient(settings: WriterSettings, resources: AgentResources): AgentClient {
  const { name, clock, calls } = resources
  const { endpoint: at, model, timeoutMs, retries } = settings
  const client = new AgentClient(teamAgentSchema.parse({ name, endpoint: at, model, timeoutMs, retries }), {
    ...accessOf(settings.apiKey, resources),
    answerBytes,
    clock,
  })
  calls(client)
  return client
}

/** What goes into the body of a request for JSON. */
export function writerOptions({
  temperature,
  maxTokens,
  jsonMode,
}: Pick<WriterSettings, 'temperature' | 'maxTokens' | 'jsonMode'>): Readonly<Record<string, unknown>> {
  return {
    temperature,
    max_tokens: maxTokens,
    ...(jsonMode ? { response_format: { type: 'json_object' } } : {}),
  }
}

/**
 * The key that an agent's settings name, and the proxies that are set.
 * @throws Error where the variable isn't set
 */
export function accessOf(given: { readonly env: string } | undefined, { secret }: AgentResources) {
  const key = given === undefined ? undefined : secret(given.env)
  if (given !== undefined && (key === undefined || key === '')) {
    throw new Error(`apiKey: the environment variable ${given.env} is not set; set it, or leave apiKey out`)
  }
  return { apiKey: key, proxies: proxiesOf(secret) }
}

/** The proxies that are set. @throws Error where a variable names none */
export function proxiesOf(read: (variable: string) => string | undefined): Proxies {
  const { proxies, problems } = readProxies(read)
  if (problems.length > 0) throw new Error(problems[0]!.message)
  return proxies
}
