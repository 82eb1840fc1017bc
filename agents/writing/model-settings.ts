import { z } from 'zod'
import { AgentClient } from '../client/agent-client.js'
import type { AgentResources } from '../contract/agent-entry.js'
import { accessOf, endpointFields } from '../contract/endpoint-fields.js'
import { teamAgentSchema } from '../team/team-schema.js'

/** Settings of whoever asks a model for JSON. */
export const modelFields = {
  ...endpointFields,
  timeoutMs: z.int().min(1).max(3_600_000).default(30_000).describe('for a whole answer'),
  retries: z.int().min(0).max(10).default(1).describe('on a broken connection, 429 and 5xx'),
  temperature: z.number().min(0).max(2).default(0),
  maxTokens: z.int().min(1).max(1_000_000).default(500).describe('most tokens of an answer'),
  jsonMode: z.boolean().default(true).describe('ask the endpoint for JSON; switch it off where that is refused'),
}

const modelSettings = z.object(modelFields)
type ModelSettings = z.infer<typeof modelSettings>

/** What asks the model of these settings. @throws Error where the environment variable of its key isn't set */
export function modelClient(
  name: string,
  { endpoint, model, timeoutMs, retries, apiKey }: ModelSettings,
  resources: AgentResources,
): AgentClient {
  const client = new AgentClient(teamAgentSchema.parse({ name, endpoint, model, timeoutMs, retries }), {
    ...accessOf(apiKey, resources),
    answerBytes: 16_777_216,
    clock: resources.clock,
  })
  resources.calls(client)
  return client
}

/** What goes into the body of a request. */
export function modelOptions({
  temperature,
  maxTokens,
  jsonMode,
}: Pick<ModelSettings, 'temperature' | 'maxTokens' | 'jsonMode'>): Readonly<Record<string, unknown>> {
  return {
    temperature,
    max_tokens: maxTokens,
    ...(jsonMode ? { response_format: { type: 'json_object' } } : {}),
  }
}
