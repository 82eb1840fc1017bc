import type { z } from 'zod'
import type { AgentClient } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import { askWhole } from '../client/ask-whole.js'
import type { Clock } from '../client/clock.js'
import { parseJson, readAnswer } from '../client/completion.js'
import { hopsHeaders } from '../client/hops.js'
import type { Call } from '../contract/agent.js'

/** A message to a model. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** What tokens cost, USD for a million. */
export interface TokenPrice {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
}

export interface ModelRequest<T> {
  readonly messages: readonly Message[]
  readonly schema: z.ZodType<T>
  /** Goes into the body: temperature and the like. */
  readonly options: Readonly<Record<string, unknown>>
  readonly price: TokenPrice | undefined
}

/**
 * Asks a model for JSON of a schema. What is no such JSON is sent back once, with what is wrong.
 * @throws AgentFailure `garbage` where the second answer is wrong, too; what the endpoint's failure is otherwise
 */
export async function askModel<T>(
  client: AgentClient,
  { messages, schema, options, price }: ModelRequest<T>,
  call: Call,
  clock: Clock,
): Promise<{ readonly value: T; readonly costUsd: number }> {
  let costUsd = 0
  const once = async (asked: readonly Message[]) => {
    const { text, cost } = await complete(
      client,
      { model: client.model, messages: asked, ...options },
      call,
      clock,
      price,
    )
    costUsd += cost
    return { text, ...parseReply(text, schema) }
  }
  const first = await once(messages)
  if ('value' in first) return { value: first.value as T, costUsd }
  call.trace('repairing', { problem: first.problem })
  const paid = costUsd
  const again = await once([
    ...messages,
    { role: 'assistant', content: first.text },
    {
      role: 'user',
      content: `That is not the JSON that was asked for: ${first.problem}. Answer again, with the JSON alone.`,
    },
  ]).catch((error: unknown) => {
    throw error instanceof AgentFailure ? error.costing(paid) : error
  })
  if ('value' in again) return { value: again.value as T, costUsd }
  throw new AgentFailure('garbage', `${client.name} gave no JSON as asked for, twice: ${again.problem}`, {
    status: 200,
    costUsd,
  })
}

async function complete(
  client: AgentClient,
  body: object,
  call: Call,
  clock: Clock,
  price: TokenPrice | undefined,
): Promise<{ text: string; cost: number }> {
  const { json, usage } = await askWhole(client, {
    body: () => JSON.stringify(body),
    headers: hopsHeaders(call.hops),
    signal: call.signal,
    remainingMs: () => call.deadline - clock.elapsedMs(),
    onAttempt: ({ outcome, ms }) => call.trace('asked', { outcome, ms }),
  })
  const read = readAnswer(json, 'message')
  const content = read.kind === 'completion' ? read.completion.choices[0]?.part.content : undefined
  if (typeof content !== 'string') throw new AgentFailure('garbage', `${client.name} answered without words`)
  const { promptTokens = 0, completionTokens = 0 } = usage ?? {}
  const cost =
    price === undefined
      ? 0
      : (promptTokens * price.inputUsdPerMillion + completionTokens * price.outputUsdPerMillion) / 1e6
  return { text: content, cost }
}

function parseReply<T>(text: string, schema: z.ZodType<T>): { value: T } | { problem: string } {
  // Models like to put it in a fence, or words before it.
  const json = parseJson(text) ?? parseJson(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
  if (json === undefined) return { problem: 'it is not JSON' }
  const parsed = schema.safeParse(json)
  if (parsed.success) return { value: parsed.data }
  const { path, message } = parsed.error.issues[0]!
  return { problem: `${path.join('.') || 'it'}: ${message}` }
}
