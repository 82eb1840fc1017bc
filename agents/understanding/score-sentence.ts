import type { Example } from './example.js'
import { countSpans, type SpanCounts } from './span-scores.js'
import type { UnderstandingModel } from './understanding-model.js'

/** How a model read a sentence whose meaning is known. */
export interface SentenceScore extends SpanCounts {
  /** Whether it wants one of the intents. */
  readonly inScope: boolean
  /** Whether the model said that it wants none of them. */
  readonly turnedAway: boolean
  /** Whether its likeliest intent is right, out of scope or not. */
  readonly intentRight: boolean
  /** Whether that and all tags are right. */
  readonly frameRight: boolean
  /** What it said of the likeliest intent and its tags together. */
  readonly confidence: number
}

/** Holds a model against a sentence: its likeliest intent, and slots by that. What is out of scope has neither to be right. */
export function scoreSentence(model: UnderstandingModel, { text, tokens, tags, intent }: Example): SentenceScore {
  const { intents } = model.parts.classifier
  const turnedAway = model.read(text, tokens).intent.intent < 0
  const reading = model.read(text, tokens, { closed: true })
  const counts = { right: 0, found: 0, wanted: 0 }
  const inScope = intent !== null
  if (inScope) countSpans(counts, tags, reading.tags)
  const intentRight = intents[reading.intent.intent] === intent
  return {
    ...counts,
    inScope,
    turnedAway,
    intentRight,
    frameRight: intentRight && counts.right === counts.wanted && counts.right === counts.found,
    confidence: reading.intent.confidence * reading.tagsProbability,
  }
}
