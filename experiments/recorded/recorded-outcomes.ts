import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { wordF1 } from '#agents/checking/same-words.js'

/** Who finds and who writes in the recordings, in the order of their stages. */
export const retrievers = ['keywords', 'hybrid'] as const
export const writers = ['rules', 'span', 'gemma'] as const

/** What a writer answered on one paragraph. */
export interface RecordedAnswer {
  readonly text: string
  /** What the writer says of itself, as numbers: the first is the one that tells most. */
  readonly confidence: readonly number[]
  /** Whether its F1 against the right answers is at least a half. */
  readonly right: boolean
}

/** One question with everything that everybody made of it. */
export interface RecordedQuestion {
  readonly id: number
  readonly article: number
  readonly question: string
  /** [retriever] */
  readonly retrieved: readonly { readonly paragraph: number; readonly confidence: number; readonly right: boolean }[]
  /** By paragraph, [writer]. */
  readonly answers: ReadonlyMap<number, readonly RecordedAnswer[]>
}

const flag = z.union([z.literal(0), z.literal(1)])
const retrieval = z.object({ paragraph: z.int(), confidence: z.number(), right: flag })
const lineSchema = z.object({
  id: z.int(),
  article: z.int(),
  question: z.string().min(1),
  bm25: retrieval,
  hybrid: retrieval,
  writers: z.record(
    z.string(),
    z.object({
      rule: z.object({ answer: z.string(), score: z.number(), margin: z.number(), f1: z.number() }),
      span: z.object({
        answer: z.string(),
        logprob: z.number(),
        score: z.number(),
        margin: z.number(),
        f1: z.number(),
      }),
      gemma: z.object({
        answer: z.string(),
        logprob: z.number(),
        stopLogprob: z.number(),
        tokens: z.number(),
        verbatim: flag,
        f1: z.number(),
      }),
    }),
  ),
})

/** @throws Error naming the line that is no recorded outcome */
export function readRecordedOutcomes(gzipped: Uint8Array): RecordedQuestion[] {
  const lines = gunzipSync(gzipped)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line, k) => {
    const parsed = lineSchema.safeParse(JSON.parse(line))
    if (!parsed.success)
      throw new Error(`line ${k + 1}: ${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`)
    const { id, article, question, bm25, hybrid, writers: by } = parsed.data
    const answers = Object.entries(by).map(([paragraph, { rule, span, gemma }]): [number, RecordedAnswer[]] => [
      Number(paragraph),
      [
        { text: rule.answer, confidence: [rule.margin, rule.score], right: rule.f1 >= 0.5 },
        { text: span.answer, confidence: [span.margin, span.score, span.logprob], right: span.f1 >= 0.5 },
        {
          text: gemma.answer,
          // Best alone: the sum of all logarithms, and what a verbatim answer is worth on top (README of the recordings).
          confidence: [
            gemma.logprob + gemma.stopLogprob + 3 * gemma.verbatim,
            gemma.logprob,
            gemma.verbatim,
            gemma.tokens,
          ],
          right: gemma.f1 >= 0.5,
        },
      ],
    ])
    const retrieved = [bm25, hybrid].map((one) => ({ ...one, right: one.right === 1 }))
    return { id, article, question, retrieved, answers: new Map(answers) }
  })
}

/** Words with which questions begin: they tell what kind of answer is wanted. */
const kinds = [
  /^who|whom|whose/i,
  /\bwhen\b|what year|which year/i,
  /\bhow (many|much)/i,
  /\bwhere\b/i,
  /\bhow\b/i,
  /\bwhy\b/i,
]

const features = new WeakMap<RecordedQuestion, number[]>()

/** Numbers about the question alone; worked out once. */
export function questionFeatures(asked: RecordedQuestion): readonly number[] {
  const known = features.get(asked)
  if (known !== undefined) return known
  const kind = kinds.findIndex((one) => one.test(asked.question))
  const words = asked.question.split(/\s+/).length
  const row = [...kinds.map((_, k) => (k === kind ? 1 : 0)), Math.log(words) - 2.4]
  features.set(asked, row)
  return row
}

const agreements = new WeakMap<RecordedAnswer, Map<RecordedAnswer, number>>()

/** F1 of two answers' words; worked out once. */
export function agreement(one: RecordedAnswer, other: RecordedAnswer): number {
  const known = agreements.get(one) ?? new Map<RecordedAnswer, number>()
  agreements.set(one, known)
  const f1 = known.get(other) ?? wordF1(one.text, other.text)
  known.set(other, f1)
  return f1
}
