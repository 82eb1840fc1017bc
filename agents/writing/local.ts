import { z } from 'zod'
import { wordsIn } from '../checking/same-words.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Passage, Source } from '../contract/agent.js'
import { type AgentResources, defineAgent } from '../contract/agent-entry.js'
import { sentenceSpans } from '../knowledge/sentences.js'
import { checkCitations } from './check-citations.js'
import type { LocalModel } from './local-model.js'

const share = z.number().min(0).max(1)

const localConfig = z.strictObject({
  file: z.string().min(1).describe('a model as a GGUF file; relative to the team file'),
  instructions: z
    .string()
    .default('You answer questions in a few words, with words of the passage.')
    .describe('what the model is told before the question'),
  read: z.int().min(1).max(20).default(1).describe('passages that it is given, the best first'),
  contextTokens: z.int().min(256).max(1_048_576).default(2048).describe('tokens of passages, question and answer'),
  threads: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe('default: as many as this machine has cores; fewer where it is busy'),
  maxTokens: z.int().min(1).max(100_000).default(64).describe('most tokens of an answer'),
  temperature: z.number().min(0).max(2).default(0).describe('0: it says the same again'),
  confidence: z
    .strictObject({
      quoted: share.default(0.5).describe('where its words stand in a passage'),
      free: share.default(0.2).describe('where they do not'),
    })
    .prefault({})
    .describe(
      'how sure it is, times the share of its words that the passages have; `cadre calibrate` tells what it is worth',
    ),
})

type LocalConfig = z.infer<typeof localConfig>

/** Writes with a model on this machine: nothing leaves it, and no key is needed. It names a source only where its words stand there. */
export const local = defineAgent<LocalConfig>({
  name: 'local',
  aliases: ['gguf'],
  summary: 'writes answers with a model on this machine, a GGUF file (needs node-llama-cpp)',
  schema: localConfig,
  create: (config, resources) => new LocalWriter(config, resources),
})

class LocalWriter implements Agent {
  readonly card
  readonly #config: LocalConfig
  readonly #model: LocalModel

  /** @throws Error where the file or node-llama-cpp is missing */
  constructor(config: LocalConfig, { name, localModel }: AgentResources) {
    const { file, contextTokens, threads } = config
    this.#config = config
    this.#model = localModel(file, { contextTokens, ...(threads === undefined ? {} : { threads }) })
    this.card = {
      name,
      summary: `writes with ${config.file} on this machine`,
      adds: ['drafts'] as const,
      needs: ['passages'] as const,
      repeats: config.temperature === 0,
      // A token is three characters or more; half of the context is for passages.
      longestQuestion: config.contextTokens,
    }
  }

  async handle({ question, found }: AgentRequest, call: Call): Promise<AgentAnswer> {
    const { name } = this.card
    if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    const { read, contextTokens, maxTokens, temperature, instructions, confidence: sure } = this.#config
    const passages = (found.context ?? found.passages!).slice(0, read)
    const texts = passages.map(({ text }) => text)
    const most = Math.floor((2 * contextTokens) / Math.max(1, texts.length))
    const given = texts.map((text) => text.slice(0, most)).join('\n\n')
    const said = await this.#model.complete(
      { system: instructions, user: `Passage: ${given}\n\nQuestion: ${question}` },
      { maxTokens, temperature, signal: call.signal },
    )
    const text = said.trim()
    if (text === '') throw new AgentFailure('unfit', `${name} says nothing`)
    const provenance = sourcesOf(text, passages)
    call.trace('written', { held: provenance.length })
    const confidence = (provenance.length > 0 ? sure.quoted : sure.free) * wordsIn(text, texts)
    return {
      ...{ found: { drafts: [{ agent: name, text, confidence, provenance }] }, confidence, costUsd: 0, provenance },
    }
  }

  async close(): Promise<void> {
    await this.#model.close()
  }
}

/** Where its words stand: the whole answer, or sentences of it. */
function sourcesOf(text: string, passages: readonly Passage[]): Source[] {
  const bare = (words: string) => words.trim().replace(/[.!?]+$/, '')
  const quotes = [text, ...sentenceSpans(text).map(({ from, to }) => text.slice(from, to))]
  return checkCitations(
    [...new Set(quotes.map(bare))].map((quote) => ({ passage: 1, quote })),
    passages,
  )
}
