import { z } from 'zod'
import { type Logistic, logistic } from '#algorithms/regression/logistic.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Passage } from '../contract/agent.js'
import { type AgentResources, defineAgent } from '../contract/agent-entry.js'
import { baseOfFiles } from './base-of-files.js'
import { defaultSettings, type KnowledgeBase } from './knowledge-base.js'

const weight = z.number().min(-100).max(100)

/** What looking up documents is set by; `hybrid` has the same and more. */
export const lookupFields = {
  documents: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'files and folders to look things up in (Markdown, text, HTML, JSON, CSV), or one saved index (.safetensors); relative to the team file',
    ),
  top: z.int().min(1).max(100).default(5).describe('passages that it answers with, at most'),
  unit: z.enum(['passages', 'sentences']).default('passages').describe('what it answers with'),
  k1: z.number().min(0).max(10).default(defaultSettings.k1).describe('BM25: how soon more of a word stops counting'),
  b: z.number().min(0).max(1).default(defaultSettings.b).describe('BM25: how much long passages are held back'),
  titleWeight: z
    .int()
    .min(0)
    .max(10)
    .default(defaultSettings.titleWeight)
    .describe('how often title and heading count among the words of a passage'),
  together: z
    .int()
    .min(0)
    .max(100_000)
    .default(defaultSettings.together)
    .describe('neighbouring paragraphs of a section are one passage up to so many characters'),
  most: z
    .int()
    .min(100)
    .max(1_000_000)
    .default(defaultSettings.most)
    .describe('longer paragraphs are cut, in characters'),
}

const keywordsConfig = z.strictObject({
  ...lookupFields,
  confidence: z
    .strictObject({
      margin: weight.default(0.671).describe('weight of how far the best score is ahead of the second'),
      coverage: weight.default(0.624).describe("weight of the part of the question's words that the best passage has"),
      offset: weight.default(-0.347),
    })
    .prefault({})
    .describe('how the chance that the first passage is right follows: a logistic regression, as fitted on XQuAD'),
})

type KeywordsConfig = z.infer<typeof keywordsConfig>

/** Most characters of a question that is looked up. */
export const longestLookup = 20_000

/** Looks a question up by its words: BM25 over the passages of documents, with English stems. */
export const keywords = defineAgent<KeywordsConfig>({
  name: 'keywords',
  aliases: ['bm25'],
  summary: 'looks up passages of documents by the words of the question (BM25)',
  schema: keywordsConfig,
  files: ({ documents }) => documents,
  create: (config, resources) => new KeywordsAgent(config, resources),
})

class KeywordsAgent implements Agent {
  readonly card
  readonly #base: KnowledgeBase
  readonly #config: KeywordsConfig
  readonly #confidence: Logistic

  constructor(config: KeywordsConfig, { name, files }: AgentResources) {
    this.#config = config
    this.#base = baseOfFiles(config, files)
    const { margin, coverage, offset } = config.confidence
    this.#confidence = { weights: [margin, coverage], offset }
    this.card = {
      name,
      summary: `looks up ${this.#base.size} passages of ${this.#base.documents.length} documents by words`,
      adds: ['passages'] as const,
      needs: [],
      repeats: true,
      longestQuestion: longestLookup,
    }
  }

  async handle({ question }: AgentRequest, { signal, trace }: Call): Promise<AgentAnswer> {
    if (signal.aborted) throw new AgentFailure('aborted', `${this.card.name} was given up`)
    const { unit, top } = this.#config
    // One more tells how far the first is ahead.
    const found =
      unit === 'passages' ? this.#base.search(question, top + 1) : this.#base.searchSentences(question, top + 1)
    const passages = found.slice(0, top)
    const confidence = confidenceIn(question, found, this.#base, this.#confidence)
    trace('looked up', { passages: passages.length, confidence })
    return { found: { passages }, confidence, costUsd: 0, provenance: passages.map(({ source }) => source) }
  }
}

/** Chance that the first of the passages found is the right one; 0 where none was. */
export function confidenceIn(
  question: string,
  [first, second]: readonly Passage[],
  base: KnowledgeBase,
  model: Logistic,
): number {
  if (first === undefined) return 0
  const coverage = base.coverage(question, `${first.source.title ?? ''} ${first.text}`)
  return logistic(model, [first.score - (second?.score ?? 0), coverage])
}
