import { z } from 'zod'
import { wordsIn } from '../checking/same-words.js'
import type { AgentClient } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Passage } from '../contract/agent.js'
import { type AgentResources, defineAgent } from '../contract/agent-entry.js'
import { askModel, type Message } from './ask-model.js'
import { checkCitations } from './check-citations.js'
import { modelClient, modelFields, modelOptions } from './model-settings.js'

const share = z.number().min(0).max(1)

const llmConfig = z.strictObject({
  ...modelFields,
  instructions: z
    .string()
    .default('You answer questions briefly, from the numbered passages alone.')
    .describe('what the model is told before the question'),
  confidence: z
    .strictObject({
      cited: share.default(0.75).describe('with a citation that holds'),
      uncited: share.default(0.25).describe('with none'),
    })
    .prefault({})
    .describe(
      'how sure it is, times the share of its words that the passages have; `cadre calibrate` tells what it is worth',
    ),
})

type LlmConfig = z.infer<typeof llmConfig>

const replySchema = z.object({
  answer: z.string().nullable(),
  citations: z.array(z.object({ passage: z.int(), quote: z.string() })).default([]),
})

const form =
  'Answer with JSON alone: {"answer": "...", "citations": [{"passage": 1, "quote": "words of that passage, verbatim"}]}. ' +
  'Where the passages do not say it, answer {"answer": null, "citations": []}.'

/** Writes answers with any model behind an OpenAI-compatible endpoint. What it cites is held against the passages. */
export const llm = defineAgent<LlmConfig>({
  name: 'llm',
  aliases: ['model'],
  summary: 'writes answers with a model behind any OpenAI-compatible endpoint; its citations are checked',
  schema: llmConfig,
  create: (config, resources) => new LlmAgent(config, resources),
})

class LlmAgent implements Agent {
  readonly card
  readonly #config: LlmConfig
  readonly #client: AgentClient
  readonly #clock: Clock

  constructor(config: LlmConfig, resources: AgentResources) {
    const { name, clock } = resources
    this.#config = config
    this.#clock = clock
    this.#client = modelClient(name, config, resources)
    this.card = {
      name,
      summary: `writes with ${config.model}, and cites the passages`,
      adds: ['drafts'] as const,
      needs: ['passages'] as const,
      repeats: false,
      longestQuestion: 100_000,
    }
  }

  async handle(request: AgentRequest, call: Call): Promise<AgentAnswer> {
    const { name } = this.card
    if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    const { found } = request
    const passages = found.context ?? found.passages!
    const { price, confidence: sure } = this.#config
    const options = modelOptions(this.#config)
    const messages = messagesOf(this.#config.instructions, request, passages)
    const task = { messages, schema: replySchema, options, price }
    const { value, costUsd } = await askModel(this.#client, task, call, this.#clock)
    const text = value.answer?.trim() ?? ''
    if (text === '') throw new AgentFailure('unfit', `${name} finds no answer in the passages`)
    const provenance = checkCitations(value.citations, passages)
    call.trace('written', { cited: value.citations.length, held: provenance.length })
    const supported = wordsIn(
      text,
      passages.map((one) => one.text),
    )
    const confidence = (provenance.length > 0 ? sure.cited : sure.uncited) * supported
    return { found: { drafts: [{ agent: name, text, confidence, provenance }] }, confidence, costUsd, provenance }
  }

  isUp(): boolean {
    return this.#client.closedForMs === 0
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}

function messagesOf(
  instructions: string,
  { question, history, memory }: AgentRequest,
  passages: readonly Passage[],
): Message[] {
  const numbered = passages.map(({ text, source }, k) => `[${k + 1}] ${source.title ?? source.document}\n${text}`)
  const known = (memory?.known ?? []).map(({ key, value }) => `${key}: ${value}`)
  const knownFacts = known.length === 0 ? '' : `Known so far:\n${known.join('\n')}\n\n`
  return [
    { role: 'system', content: `${instructions}\n${form}` },
    ...history.map(({ role, text }) => ({ role, content: text })),
    { role: 'user', content: `${knownFacts}Passages:\n\n${numbered.join('\n\n')}\n\nQuestion: ${question}` },
  ]
}
