import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Passage } from '../contract/agent.js'
import { type AgentResources, defineAgent, shippedFilePrefix } from '../contract/agent-entry.js'
import { decodeSpanModel } from './span-model-file.js'
import { type SpanAnswer, SpanScorer } from './span-scorer.js'

/** The scorer that ships with Cadre, by its place in the package. */
export const shippedWriter = `${shippedFilePrefix}agents/writing/models/xquad-writer.safetensors`

const extractiveConfig = z.strictObject({
  model: z
    .string()
    .min(1)
    .default(shippedWriter)
    .describe('a trained scorer; default: the one that ships with Cadre, trained on XQuAD (CC BY-SA 4.0)'),
  answer: z
    .enum(['span', 'sentence'])
    .default('span')
    .describe('the words that answer alone, or the sentence that they stand in'),
  read: z.int().min(1).max(20).default(1).describe('passages that it reads, the best first'),
})

type ExtractiveConfig = z.infer<typeof extractiveConfig>

/**
 * Answers with words of the passages: a trained scorer takes the best piece of a sentence. Writes nothing of its own, and its answer
 * stands where its source says.
 */
export const extractive = defineAgent<ExtractiveConfig>({
  name: 'extractive',
  aliases: ['span'],
  summary: 'answers in words of the passages, by a trained span scorer; writes nothing of its own',
  schema: extractiveConfig,
  files: ({ model }) => [model],
  create: (config, resources) => new ExtractiveAgent(config, resources),
})

/** Most characters of a passage that are read. */
const longestRead = 10_000

class ExtractiveAgent implements Agent {
  readonly card
  readonly #config: ExtractiveConfig
  readonly #scorer: SpanScorer

  constructor(config: ExtractiveConfig, { name, files }: AgentResources) {
    this.#config = config
    this.#scorer = new SpanScorer(decodeSpanModel(files.get(config.model)![0]!.bytes))
    this.card = {
      name,
      summary: 'extractive: answers in words of the passages, chosen by a trained scorer',
      adds: ['drafts'] as const,
      needs: ['passages'] as const,
      repeats: true,
      longestQuestion: 4000,
    }
  }

  async handle({ question, found }: AgentRequest, { signal, trace }: Call): Promise<AgentAnswer> {
    const { name } = this.card
    if (signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    const passages = (found.context ?? found.passages!).slice(0, this.#config.read)
    let best: { answer: SpanAnswer; passage: Passage; confidence: number } | null = null
    for (const passage of passages) {
      const answer = this.#scorer.answer(question, passage.text.slice(0, longestRead))
      if (answer === null) continue
      const confidence = this.#scorer.confidence(answer)
      if (best === null || confidence > best.confidence) best = { answer, passage, confidence }
    }
    if (best === null) throw new AgentFailure('unfit', `${name} has no passage with words to answer from`)
    const { answer, passage, confidence } = best
    const { from, to } = this.#config.answer === 'span' ? answer : answer.sentence
    const { document, title, from: offset } = passage.source
    const source = {
      document,
      ...(title === undefined ? {} : { title }),
      // The sentence is what people look for: the words alone may stand anywhere.
      ...(offset === undefined ? {} : { from: offset + answer.sentence.from, to: offset + answer.sentence.to }),
      quote: passage.text.slice(answer.sentence.from, answer.sentence.to),
    }
    trace('extracted', { document, confidence })
    const draft = { agent: name, text: passage.text.slice(from, to), confidence, provenance: [source] }
    return { found: { drafts: [draft] }, confidence, costUsd: 0, provenance: [source] }
  }
}
