import { z } from 'zod'
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
