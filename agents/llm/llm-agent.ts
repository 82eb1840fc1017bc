import { z } from 'zod'
import type { AgentClient } from '../client/agent-client.js'
import { AgentFailure } from '../client/agent-failure.js'
import { EmbeddingsEndpoint } from '../client/embeddings-endpoint.js'
import type { Agent, AgentAnswer, AgentCard, AgentRequest, Call, Findings, Frame } from '../contract/agent.js'
import { type AgentResources, defineAgent } from '../contract/agent-entry.js'
import { accessOf, endpointFields } from '../contract/endpoint-fields.js'
import { askModel } from '../writing/ask-model.js'
import { checkCitations } from '../writing/check-citations.js'
import { modelClient, modelFields, modelOptions } from '../writing/model-settings.js'
import { Head } from './head.js'
import { type JsonSchema, propertiesOf, requiredOf, schemaProblem, zodOf } from './json-interface.js'

const { price: _, ...embeddingsFields } = endpointFields

/** What may stand in the input of an interface. */
const inputs = ['question', 'history', 'intent', 'slots', 'passages', 'drafts', 'known'] as const
type Input = (typeof inputs)[number]

const schemaField = z.record(z.string(), z.json()).superRefine((schema, context) => {
  const problem = schemaProblem(schema)
  if (problem !== null) context.addIssue({ code: 'custom', path: [...problem.path], message: problem.message })
})

const inputField = schemaField.superRefine((schema, context) => {
  const unknown = propertiesOf(schema).find((name) => !inputs.includes(name as Input))
  if (unknown === undefined) return
  const message = `nobody finds that; expected some of ${inputs.join(', ')}`
  context.addIssue({ code: 'custom', path: ['properties', unknown], message })
})

const writerConfig = z.strictObject({
  ...modelFields,
  instructions: z
    .string()
    .default('You do one task of a team, with what you are given.')
    .describe('what it is told first'),
  input: inputField
    .default({ type: 'object', properties: { question: { type: 'string' } }, required: ['question'] })
    .describe('JSON Schema of what it is given: its properties are taken from the question and what was found'),
  output: schemaField
    .default({ type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] })
    .describe('JSON Schema of what it must answer'),
  answer: z
    .string()
    .min(1)
    .default('{answer}')
    .describe('what is said: a text in which {property} is replaced by that of the output'),
  remember: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe(
      'what the conversation is to keep, by key, as such texts; its `memory` in the team must let it write them',
    ),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('how sure it is, where the output has no `confidence` of its own; times that of the head'),
})

const headConfig = z.strictObject({
  ...embeddingsFields,
  model: z.string().min(1).optional().describe('of the embeddings; default: the one that the head was trained on'),
  file: z.string().min(1).describe('the head (cadre understand train-head); relative to the team file'),
  timeoutMs: z.int().min(1).max(3_600_000).default(10_000).describe('for the vector of a question'),
})

const llmAgentConfig = z
  .strictObject({
    model: writerConfig.optional().describe('a model with an interface: it writes a draft'),
    head: headConfig.optional().describe('a trained head on embeddings: it reads the intent'),
  })
  .superRefine(({ model, head }, context) => {
    if (model === undefined && head === undefined) {
      context.addIssue({ code: 'custom', message: 'expected a model, a head, or both' })
    }
    if (model === undefined) return
    const names = propertiesOf(model.output)
    const texts: [string[], string][] = [
      [['answer'], model.answer],
      ...Object.entries(model.remember).map(([key, text]): [string[], string] => [['remember', key], text]),
    ]
    for (const [path, text] of texts) {
      const unknown = fieldsOf(text).find((name) => !names.includes(name))
      if (unknown === undefined) continue
      const message = `the output has no property "${unknown}"; it has ${names.join(', ')}`
      context.addIssue({ code: 'custom', path: ['model', ...path], message })
    }
  })

type LlmAgentConfig = z.infer<typeof llmAgentConfig>
type WriterConfig = z.infer<typeof writerConfig>

const fieldPattern = /\{([^{}\s]+)\}/g

function fieldsOf(text: string): string[] {
  return [...text.matchAll(fieldPattern)].map(([, name]) => name!)
}

/**
 * An agent made of a model, an interface and a head. The head reads the question, softmax(W h(x)) on its embedding; the model is given
 * what the input's schema names, and must answer by the output's: what doesn't fit is sent back once, with what is wrong.
 */
export const llmAgent = defineAgent<LlmAgentConfig>({
  name: 'llm-agent',
  aliases: [],
  summary: 'a model with an interface of JSON Schemas, a trained head on embeddings that reads intents, or both',
  schema: llmAgentConfig,
  files: ({ head }) => (head === undefined ? [] : [head.file]),
  create: (config, resources) => new LlmAgent(config, resources),
})

/** Reads intents. */
interface Reader {
  readonly head: Head
  readonly embeddings: EmbeddingsEndpoint
}

/** Writes drafts. */
interface Writer extends WriterConfig {
  readonly client: AgentClient
  readonly taken: z.ZodType
  readonly given: z.ZodType
}

class LlmAgent implements Agent {
  readonly card: AgentCard
  readonly #resources: AgentResources
  readonly #reader: Reader | null
  readonly #writer: Writer | null

  constructor({ model, head }: LlmAgentConfig, resources: AgentResources) {
    const { name } = resources
    this.#resources = resources
    this.#reader = head === undefined ? null : readerOf(head, resources)
    this.#writer = model === undefined ? null : writerOf(model, resources)
    const reads = this.#reader === null ? null : `reads ${this.#reader.head.description.labels.length} intents`
    const writes = this.#writer === null ? null : `writes with ${this.#writer.client.model}`
    const required = this.#writer === null ? [] : requiredOf(this.#writer.input)
    const wants = (...some: Input[]) => some.some((one) => required.includes(one))
    this.card = {
      name,
      summary: [reads, writes].filter((one) => one !== null).join(', '),
      adds: [...(reads === null ? [] : ['frame' as const]), ...(writes === null ? [] : ['drafts' as const])],
      needs: [
        ...(wants('slots') || (wants('intent') && reads === null) ? ['frame' as const] : []),
        ...(wants('passages') ? ['passages' as const] : []),
        ...(wants('drafts') ? ['drafts' as const] : []),
      ],
      // A model may say something else each time.
      repeats: writes === null,
      longestQuestion: 20_000,
    }
  }

  async handle(request: AgentRequest, call: Call): Promise<AgentAnswer> {
    const { name } = this.card
    if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    const frame = this.#reader === null ? null : await this.#read(this.#reader, request, call)
    if (this.#writer === null) {
      return { found: { frame: frame! }, confidence: frame!.confidence, costUsd: 0, provenance: [] }
    }
    const found: Findings = frame === null ? request.found : { ...request.found, frame }
    const answer = await this.#write(this.#writer, { ...request, found }, call, frame?.confidence ?? 1)
    return frame === null ? answer : { ...answer, found: { ...answer.found, frame } }
  }

  isUp(): boolean {
    return [this.#writer?.client, this.#reader?.embeddings.client].every((one) => (one?.closedForMs ?? 0) === 0)
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer?.client.close(), this.#reader?.embeddings.close()])
  }

  /** The frame: its own intent, and slots that others found. */
  async #read({ head, embeddings }: Reader, { question, found }: AgentRequest, call: Call): Promise<Frame> {
    const [vector] = await embeddings.embed([question], call.signal)
    const { size } = head.description
    if (vector!.length !== size) {
      const message = `${this.card.name}: the head reads vectors of ${size} numbers, the endpoint gave ${vector!.length}`
      throw new AgentFailure('garbage', message, { status: 200 })
    }
    const { label, confidence } = head.read(vector!)
    call.trace('read', { intent: label ?? 'none', confidence })
    return { intent: label, confidence, slots: found.frame?.slots ?? [] }
  }

  async #write(writer: Writer, request: AgentRequest, call: Call, understood: number): Promise<AgentAnswer> {
    const { name } = this.card
    const input = inputOf(request, propertiesOf(writer.input))
    const taken = writer.taken.safeParse(input)
    if (!taken.success) throw new AgentFailure('unfit', `${name} can't be given that: ${firstIssue(taken.error)}`)
    const { value, costUsd } = await this.#ask(writer, taken.data, call)
    const said = value as JsonSchema
    const filled = (given: string) => given.replace(fieldPattern, (_, field: string) => wordsOf(said[field])).trim()
    const text = filled(writer.answer)
    if (text === '') throw new AgentFailure('unfit', `${name} has no answer`)
    const claimed = citations.safeParse(said.citations)
    const passages = request.found.context ?? request.found.passages ?? []
    const provenance = claimed.success ? checkCitations(claimed.data, passages) : []
    const own = z.number().min(0).max(1).safeParse(said.confidence)
    const confidence = (own.success ? own.data : writer.confidence) * understood
    const remember = Object.entries(writer.remember).map(([key, value]) => ({
      key,
      value: filled(value),
      source: null,
    }))
    return {
      ...{ found: { drafts: [{ agent: name, text, confidence, provenance }] }, confidence, costUsd, provenance },
      ...(remember.length === 0 || request.memory === undefined ? {} : { remember }),
    }
  }

  async #ask(writer: Writer, input: unknown, call: Call) {
    const { instructions, output, client, price } = writer
    const form = `Answer with JSON alone that fits this JSON Schema: ${JSON.stringify(output)}`
    const options = modelOptions(writer)
    const messages = [
      { role: 'system' as const, content: `${instructions}\n${form}` },
      { role: 'user' as const, content: JSON.stringify(input) },
    ]
    return askModel(client, { messages, schema: writer.given, options, price }, call, this.#resources.clock)
  }
}

const citations = z.array(z.object({ passage: z.int(), quote: z.string() }))

/** @throws Error where the head is of another model */
function readerOf({ file, model, ...config }: z.infer<typeof headConfig>, resources: AgentResources): Reader {
  const head = Head.decode(resources.files.get(file)![0]!.bytes)
  const { embeddings: trained, labels } = head.description
  resources.knows({ intents: labels.filter((label) => label !== null), slots: [] })
  if (model !== undefined && model !== trained) {
    throw new Error(
      `head.model: ${file} was trained on vectors of ${trained}, got ${model}; name that, or train it again`,
    )
  }
  const embeddings = new EmbeddingsEndpoint(
    { ...config, name: `${resources.name} head`, model: trained },
    { ...accessOf(config.apiKey, resources), clock: resources.clock },
  )
  resources.calls(embeddings.client)
  return { head, embeddings }
}

function writerOf(config: WriterConfig, resources: AgentResources): Writer {
  const { input, output } = config
  const client = modelClient(resources.name, config, resources)
  return { ...config, client, taken: zodOf(input), given: zodOf(output) }
}

/** What is known of these; what nobody has found is left out. */
function inputOf({ question, history, found, memory }: AgentRequest, names: readonly string[]): object {
  const { frame, drafts } = found
  const passages = found.context ?? found.passages
  const all: { readonly [name in Input]: unknown } = {
    question,
    history,
    intent: frame?.intent ?? undefined,
    slots: frame && Object.fromEntries(frame.slots.map(({ name, text }) => [name, text])),
    passages: passages?.map(({ text, source }, k) => ({ number: k + 1, title: source.title ?? source.document, text })),
    drafts: drafts?.map(({ agent, text, confidence }) => ({ agent, text, confidence })),
    known: memory && Object.fromEntries(memory.known.map(({ key, value }) => [key, value])),
  }
  return Object.fromEntries(
    names.flatMap((name) => (all[name as Input] === undefined ? [] : [[name, all[name as Input]]])),
  )
}

function wordsOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!
  return `${path.join('.') || 'it'}: ${message}`
}
