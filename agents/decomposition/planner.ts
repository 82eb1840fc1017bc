import { z } from 'zod'
import type { AgentClient } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import type { AgentRequest, Call } from '../contract/agent.js'
import type { AgentResources } from '../contract/agent-entry.js'
import { askModel } from '../writing/ask-model.js'
import { modelClient, modelFields, modelOptions } from '../writing/model-settings.js'

export const plannerConfig = z.strictObject({
  ...modelFields,
  timeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(5000)
    .describe('for an answer, also for the one after a repair; then the rules split the request'),
  instructions: z
    .string()
    .default('You split what a user asks for into its parts, each a question that can be understood alone.')
    .describe('what it is told first'),
})

export type PlannerConfig = z.infer<typeof plannerConfig>

/** What a planner says of a request. */
export interface Plan {
  /** In order; null where it failed. */
  readonly parts: readonly string[] | null
  readonly costUsd: number
}

/** Has a model behind any OpenAI-compatible endpoint split requests. It is asked once a request, of parts never again. */
export class Planner {
  readonly #config: PlannerConfig
  readonly #client: AgentClient
  readonly #clock: Clock
  readonly #schema: z.ZodType<{ parts: string[] }>
  readonly #form: string

  /** @param most - parts of a request */
  constructor(config: PlannerConfig, most: number, resources: AgentResources) {
    this.#config = config
    this.#clock = resources.clock
    this.#client = modelClient(`${resources.name} planner`, config, resources)
    this.#schema = z.strictObject({ parts: z.array(z.string().trim().min(1)).min(1).max(most) })
    this.#form =
      `Answer with JSON alone: {"parts": ["...", "..."]}, at most ${most} parts, one where it asks for one thing. ` +
      'Write names and numbers as they stand in the request, and add nothing to it.'
  }

  /** @throws AgentFailure `aborted` where nobody waits any more */
  async plan({ question }: AgentRequest, call: Call): Promise<Plan> {
    const { instructions, timeoutMs, price } = this.#config
    const messages = [
      { role: 'system' as const, content: `${instructions}\n${this.#form}` },
      { role: 'user' as const, content: question },
    ]
    const request = { messages, schema: this.#schema, options: modelOptions(this.#config), price }
    // Retries leave time for the rules.
    const limited: Call = { ...call, deadline: Math.min(call.deadline, this.#clock.elapsedMs() + timeoutMs) }
    try {
      const { value, costUsd } = await askModel(this.#client, request, limited, this.#clock)
      return { parts: value.parts, costUsd }
    } catch (error) {
      if (!(error instanceof AgentFailure) || call.signal.aborted) throw error
      call.trace('not planned', { outcome: error.outcome })
      return { parts: null, costUsd: error.costUsd }
    }
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
