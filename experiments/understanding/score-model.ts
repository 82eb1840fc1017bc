import type { Example } from '#agents/understanding/example.js'
import { type SentenceScore, scoreSentence } from '#agents/understanding/score-sentence.js'
import { spanF1 } from '#agents/understanding/span-scores.js'
import type { UnderstandingModel } from '#agents/understanding/understanding-model.js'
import { Rng } from '#env/rng.js'
import { type Interval, jointBootstrap } from '#results/statistics/bootstrap.js'

/** A figure with its 95% interval over sentences. */
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
  readonly turnedAway: number | null
  /** Of sentences out of scope, the share that is found out; null where there is none. */
  readonly foundOut: number | null
}

/** Holds a model against sentences. @throws what intervals throw where there is no sentence */
export function scoreModel(model: UnderstandingModel, examples: readonly Example[]): ModelScore {
  const scores = examples.map((example) => scoreSentence(model, example))
  const inside = scores.filter(({ inScope }) => inScope)
  const outside = scores.filter(({ inScope }) => !inScope)
  const foundOut = outside.length === 0 ? null : share(outside, ({ turnedAway }) => turnedAway)
  if (inside.length === 0) {
    const none = { intents: null, slots: null, frames: null, calibrationError: null, turnedAway: null }
    return { sentences: scores.length, ...none, foundOut }
  }
  const value = statistics(inside)
  const intervals = jointBootstrap(
    [inside.length],
    ([draws], out) => out.set(statistics(Array.from(draws!, (i) => inside[i]!))),
    3,
    { uniform: uniformOf('sentences'), repetitions: 1000 },
  )
  const [intents, slots, frames] = intervals.map((interval, i): Figure => ({ value: value[i]!, ...interval }))
  const { right, found, wanted } = countsOf(inside)
  const ratio = (of: number) => (of === 0 ? 0 : right / of)
  return {
    sentences: scores.length,
    intents: intents!,
    slots: found + wanted === 0 ? null : { ...slots!, precision: ratio(found), recall: ratio(wanted) },
    frames: frames!,
    calibrationError: calibrationError(inside),
    turnedAway: share(inside, ({ turnedAway }) => turnedAway),
    foundOut,
  }
}

function statistics(scores: readonly SentenceScore[]): [intents: number, slots: number, frames: number] {
  const f1 = spanF1(countsOf(scores))
  return [share(scores, ({ intentRight }) => intentRight), f1, share(scores, ({ frameRight }) => frameRight)]
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
