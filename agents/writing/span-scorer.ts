import { type Logistic, logistic } from '#algorithms/regression/logistic.js'
import { readQuestion } from './asked.js'
import { type BoostedTrees, predictTrees } from './boosted-trees.js'
import { type Candidates, candidatesIn } from './candidates.js'
import { gapSigns, type Reading, readPassage } from './reading.js'
import { featureNames, numFeatures } from './span-feature-names.js'
import { type Background, spanFeatures } from './span-features.js'

/** What a trained scorer is made of. */
export interface SpanModel {
  readonly trees: BoostedTrees
  /** [terms] what each counts, and what an unknown one does. */
  readonly idf: ReadonlyMap<string, number>
  readonly unknownIdf: number
  readonly odds: ReadonlyMap<string, number>
  /** Chance that an answer is right (word F1 of at least .5), by its signs. */
  readonly calibration: Logistic
  /** Who made the questions that it learned from, under which licence. */
  readonly attribution: string
}

/** An answer found in a passage. */
export interface SpanAnswer {
  readonly text: string
  /** Where it stands in the passage, UTF-16 units. */
  readonly from: number
  readonly to: number
  /** The sentence around it. */
  readonly sentence: { readonly from: number; readonly to: number }
  /** What tells how sure one may be: see `answerSigns`. */
  readonly signs: readonly number[]
  /** Of its score, over all candidates. */
  readonly logProbability: number
}

/** What an answer's `signs` are, by place. */
export const answerSigns = ['log-probability', 'log-probability of all that overlap', 'margin', 'coverage'] as const

/** Finds the piece of a passage that answers a question: scores all spans with boosted trees and takes the best. */
export class SpanScorer {
  readonly #model: SpanModel
  readonly #background: Background

  constructor(model: SpanModel) {
    this.#model = model
    const { idf, unknownIdf, odds } = model
    this.#background = { idf: (term) => idf.get(term) ?? unknownIdf, odds: (key) => odds.get(key) ?? 0 }
  }

  /** The answer; null where the passage has no words that could be one. */
  answer(question: string, passage: string): SpanAnswer | null {
    const reading = readPassage(passage)
    const candidates = candidatesIn(reading)
    if (candidates.first.length === 0) return null
    const rows = spanFeatures(question, readQuestion(question), reading, candidates, this.#background)
    const scores = new Float64Array(candidates.first.length)
    predictTrees(this.#model.trees, rows, numFeatures, scores)
    return bestAnswer(reading, candidates, rows, scores)
  }

  /** How sure one may be of an answer, 0 to 1. */
  confidence({ signs }: SpanAnswer): number {
    return logistic(this.#model.calibration, signs)
  }
}

const coverageFeature = featureNames.indexOf('sentence coverage')

/** The candidate of the highest score, the first of equal ones. @param scores - [C], at least one */
export function bestAnswer(
  reading: Reading,
  { first, last }: Candidates,
  rows: Float32Array,
  scores: Float64Array,
): SpanAnswer {
  let best = 0
  for (let c = 1; c < scores.length; c++) if (scores[c]! > scores[best]!) best = c
  const [i, j] = [first[best]!, last[best]!]
  let [all, overlapping] = [0, 0]
  let other = Number.NEGATIVE_INFINITY
  for (let c = 0; c < scores.length; c++) {
    const weight = Math.exp(scores[c]! - scores[best]!)
    all += weight
    if (first[c]! <= j && last[c]! >= i) overlapping += weight
    else other = Math.max(other, scores[c]!)
  }
  const logProbability = -Math.log(all)
  const margin = Math.min(10, scores[best]! - other)
  const coverage = rows[best * numFeatures + coverageFeature]!
  const { from, to } = spanOf(reading, i, j)
  return {
    text: reading.text.slice(from, to),
    from,
    to,
    sentence: reading.sentences[reading.sentence[i]!]!,
    signs: [logProbability, Math.log(overlapping / all), margin, coverage],
    logProbability,
  }
}

/** Where a candidate stands, with the signs that belong to it: $5, 20%. */
function spanOf({ text, from, to, gap }: Reading, first: number, last: number): { from: number; to: number } {
  let [a, b] = [from[first]!, to[last]!]
  if (gap[first] === gapSigns.money && /[$€£¥]/.test(text[a - 1] ?? '')) a--
  if (text[b] === '%') b++
  return { from: a, to: b }
}
