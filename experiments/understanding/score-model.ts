import type { Example } from '#agents/understanding/example.js'
import { type SentenceScore, scoreSentence } from '#agents/understanding/score-sentence.js'
import { spanF1 } from '#agents/understanding/span-scores.js'
import type { UnderstandingModel } from '#agents/understanding/understanding-model.js'
import { Rng } from '#env/rng.js'
import { type Interval, jointBootstrap } from '#results/statistics/bootstrap.js'
import { wilsonInterval } from '#results/statistics/wilson-interval.js'

/** A figure with its 95% interval over sentences: of shares Wilson's, of F1 by drawing sentences again. */
export interface Figure extends Interval {
  readonly value: number
}

/** How good a model is on sentences whose meaning is known. All shares are 0..1. */
export interface ModelScore {
  readonly sentences: number
  /** Of sentences that want an intent: how often the likeliest one is right. Null where there is none. */
  readonly intents: Figure | null
  /** F1 of slots by conlleval, by the likeliest intent. Null where nobody wants or finds any. */
  readonly slots: (Figure & { readonly precision: number; readonly recall: number }) | null
  /** How often intent and all slots are right. */
  readonly frames: Figure | null
  /** Mean distance between the confidence of a frame and how often it is right, over ten parts of equal size. */
  readonly calibrationError: number | null
  /** Of sentences in scope, the share that is taken for out of scope. */
  readonly turnedAway: Figure | null
  /** Of sentences out of scope, the share that is found out; null where there is none. */
  readonly foundOut: Figure | null
}

/** Holds a model against sentences. @throws what intervals throw where there is no sentence */
export function scoreModel(model: UnderstandingModel, examples: readonly Example[]): ModelScore {
  const scores = examples.map((example) => scoreSentence(model, example))
  const inside = scores.filter(({ inScope }) => inScope)
  const outside = scores.filter(({ inScope }) => !inScope)
  const foundOut = outside.length === 0 ? null : figureOf(outside, ({ turnedAway }) => turnedAway)
  if (inside.length === 0) {
    const none = { intents: null, slots: null, frames: null, calibrationError: null, turnedAway: null }
    return { sentences: scores.length, ...none, foundOut }
  }
  const value = spanF1(countsOf(inside))
  const intervals = jointBootstrap(
    [inside.length],
    ([draws], out) => {
      out[0] = spanF1(countsOf(Array.from(draws!, (i) => inside[i]!)))
    },
    1,
    { uniform: uniformOf('sentences'), repetitions: 1000 },
  )
  const [intents, frames] = [
    ({ intentRight }: SentenceScore) => intentRight,
    ({ frameRight }: SentenceScore) => frameRight,
  ].map((holds): Figure => figureOf(inside, holds))
  const { right, found, wanted } = countsOf(inside)
  // Where all of them are right, or none, drawing again tells nothing: then as sure as sentences with slots are many.
  const withSlots = inside.filter((one) => one.found + one.wanted > 0)
  const isEdge = value === 0 || value === 1
  const slots: Figure = {
    value,
    ...(isEdge ? wilsonInterval(value * withSlots.length, withSlots.length) : intervals[0]!),
  }
  const ratio = (of: number) => (of === 0 ? 0 : right / of)
  return {
    sentences: scores.length,
    intents: intents!,
    slots: found + wanted === 0 ? null : { ...slots!, precision: ratio(found), recall: ratio(wanted) },
    frames: frames!,
    calibrationError: calibrationError(inside),
    turnedAway: figureOf(inside, ({ turnedAway }) => turnedAway),
    foundOut,
  }
}

/** A share of sentences, with Wilson's interval. */
function figureOf(scores: readonly SentenceScore[], holds: (score: SentenceScore) => boolean): Figure {
  return { value: share(scores, holds), ...wilsonInterval(scores.filter(holds).length, scores.length) }
}

function countsOf(scores: readonly SentenceScore[]): { right: number; found: number; wanted: number } {
  const counts = { right: 0, found: 0, wanted: 0 }
  for (const { right, found, wanted } of scores) {
    counts.right += right
    counts.found += found
    counts.wanted += wanted
  }
  return counts
}

function share(scores: readonly SentenceScore[], holds: (score: SentenceScore) => boolean): number {
  return scores.filter(holds).length / scores.length
}

function calibrationError(scores: readonly SentenceScore[]): number {
  const sorted = scores.toSorted((a, b) => a.confidence - b.confidence)
  const parts = Math.min(10, sorted.length)
  let error = 0
  for (let p = 0; p < parts; p++) {
    const part = sorted.slice(Math.floor((p * sorted.length) / parts), Math.floor(((p + 1) * sorted.length) / parts))
    const said = part.reduce((sum, { confidence }) => sum + confidence, 0)
    const right = part.filter(({ frameRight }) => frameRight).length
    error += Math.abs(said - right)
  }
  return error / sorted.length
}

function uniformOf(seed: string): () => number {
  const rng = new Rng(seed)
  return () => rng.uniform()
}
